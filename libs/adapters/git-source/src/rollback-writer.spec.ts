import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManifestParser, RollbackCommit } from '#application/rollout';
import { GitRepository } from '../../../../test/servers/git-repository.ts';
import { GitManifestSource } from './index.ts';

/** Enough of a parser to tell one specification from another: the version is its hash, and a change of variants goes unnoticed by it. */
const parser: ManifestParser = {
  parse: (text) => {
    const [, name = '', version] = /name: (\w+),.* version: (\d+)/.exec(text) ?? [];
    const variants = /variants: \[(.*)\]/.exec(text)?.[1]?.split(', ');
    const model = /model: (\w+)/.exec(text)?.[1];
    const spec = { namespace: 'default', name, model, version: Number(version), ...(variants && { variants }) };
    return [{ kind: 'deployment', spec: spec as never, specHash: `v${version}` }];
  },
};
const manifest = (name: string, version: number) => `spec: {name: ${name}, version: ${version}}\n`;

let repository: GitRepository;
let source: GitManifestSource;
let rejectedCommit: string;

const rollbackOf = (over: Partial<RollbackCommit> = {}): RollbackCommit => ({
  namespace: 'default',
  name: 'digits',
  file: 'digits.yaml',
  mode: 'commit',
  rejectedCommit,
  from: { version: 3 },
  to: { version: 2 },
  rejectedSpecHash: 'v3',
  reason: '4 of 16 requests failed',
  trailers: { 'Slipway-Rollout-Id': 'r7' },
  ...over,
});
const onServer = (branch: string, file = 'digits.yaml') => repository.onServer('show', `${branch}:${file}`);
const branch = () => `slipway/revert-digits-${rejectedCommit.slice(0, 7)}`;

beforeEach(() => {
  repository = new GitRepository();
  rejectedCommit = repository.commit({ 'digits.yaml': manifest('digits', 3), 'other.yaml': manifest('other', 3) });
  repository.push();
  const author = { name: 'Slipway', email: 'slipway@localhost' };
  const mirrorDir = join(repository.folder, 'mirror.git');
  source = new GitManifestSource({ url: repository.url, branch: 'main', path: '', mirrorDir, author }, parser);
});
afterEach(() => repository.remove());

describe('a rollback as a proposal', () => {
  it('goes to a branch of its own, is no stray change, and starts nothing', async () => {
    const before = await source.poll();
    const result = await source.commitRollback(rollbackOf({ mode: 'branch' }));
    expect(result).toMatchObject({ kind: 'committed', branch: branch() });
    expect(onServer(branch())).toBe(manifest('digits', 2).trim());
    expect(onServer('main')).toBe(manifest('digits', 3).trim());
    const after = await source.poll();
    expect(after.strays).toEqual([]);
    expect(after.files.every((file) => before.files.includes(file))).toBe(true);
  });

  it('is found again when it is asked for twice', async () => {
    const first = await source.commitRollback(rollbackOf({ mode: 'branch' }));
    expect(await source.commitRollback(rollbackOf({ mode: 'branch' }))).toEqual(first);
    expect(repository.onServer('rev-list', '--count', branch())).toBe('2');
  });

  it('leaves a branch alone in which people asked for the version again', async () => {
    await source.commitRollback(rollbackOf({ mode: 'branch' }));
    repository.git('fetch', '--quiet');
    repository.git('checkout', '--quiet', branch());
    const theirs = repository.commit({ 'digits.yaml': manifest('digits', 3) });
    repository.push(`HEAD:${branch()}`);
    expect(await source.commitRollback(rollbackOf({ mode: 'branch' }))).toMatchObject({ kind: 'abandoned' });
    expect(repository.onServer('rev-parse', branch())).toBe(theirs);
  });
});

describe('a branch that takes no push', () => {
  it.each([
    ['a hook declines', 'pre-receive', 'grep -q refs/heads/main && { echo "main is protected" >&2; exit 1; }; exit 0'],
    ['it is protected', 'update', '[ "$1" = refs/heads/main ] && exit 1; exit 0'],
  ] as const)('gets a proposal instead when %s', async (_, hook, script) => {
    repository.writeHook(hook, script);
    expect(await source.commitRollback(rollbackOf())).toMatchObject({ kind: 'committed', branch: branch() });
    expect(onServer(branch())).toBe(manifest('digits', 2).trim());
    expect(repository.onServer('rev-parse', 'main')).toBe(rejectedCommit);
  });

  it('is told of with the reasons of both when the proposal is refused too', async () => {
    repository.writeHook('pre-receive', 'echo "nobody pushes here" >&2; exit 1');
    await expect(source.commitRollback(rollbackOf())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be pushed to main: .*nobody pushes here.*slipway\/revert-digits/s),
    });
  });
});

it('brings back the model where the commit changed that, too', async () => {
  repository.commit({ 'digits.yaml': 'spec: {name: digits, model: letters, version: 3}\n' });
  repository.push();
  const [from, to] = [
    { model: 'letters', version: 3 },
    { model: 'digits', version: 2 },
  ];
  expect(await source.commitRollback(rollbackOf({ from, to }))).toMatchObject({ kind: 'committed' });
  expect(onServer('main')).toBe('spec: {name: digits, model: digits, version: 2}');
  expect(repository.onServer('log', '-1', '--format=%s', 'main')).toBe(
    'revert(default/digits): version letters@3 -> digits@2',
  );
});

describe('a rollback of variants', () => {
  const written = async (text: string, to: RollbackCommit['to']) => {
    repository.commit({ 'digits.yaml': text });
    repository.push();
    const from = { version: 3, variants: ['cpu/int8'] };
    const result = await source.commitRollback(rollbackOf({ from, to }));
    return { result, text: onServer('main'), subject: repository.onServer('log', '-1', '--format=%s', 'main') };
  };

  it('brings back the ones before, and says so', async () => {
    expect(
      await written('spec: {name: digits, variants: [cpu/int8], version: 3}\n', { version: 3, variants: ['cpu/fp32'] }),
    ).toMatchObject({
      result: { kind: 'committed' },
      text: 'spec: {name: digits, variants: [cpu/fp32], version: 3}',
      subject: 'revert(default/digits): version 3 (cpu/int8) -> 3 (cpu/fp32)',
    });
  });

  it('takes the field away where there was none', async () => {
    expect(await written('spec: {name: digits, variants: [cpu/int8], version: 3}\n', { version: 2 })).toMatchObject({
      text: 'spec: {name: digits, version: 2}',
    });
  });

  it('is left to people where nothing else may change, and says so', async () => {
    const anchored = 'x: &x [cpu/int8]\nspec: {name: digits, variants: *x, version: 3}\n';
    const { result, text } = await written(anchored, { version: 3, variants: ['cpu/fp32'] });
    expect(result).toEqual({
      kind: 'abandoned',
      reason: 'digits.yaml cannot be set back by a machine: name version 3 (cpu/fp32) by hand',
    });
    expect(text).toBe(anchored.trim());
  });
});

it('comes through while others push all the time', async () => {
  // Whenever Slipway pushes to main, somebody else was there a moment before, three times.
  repository.writeHook(
    'pre-receive',
    `count=$(cat "$GIT_DIR/count" 2>/dev/null || echo 0)
[ "$count" -ge 3 ] && exit 0
echo $((count + 1)) > "$GIT_DIR/count"
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.com
new=$(git commit-tree -p main -m "somebody else $count" "main^{tree}")
git update-ref refs/heads/main "$new"
exit 0`,
  );
  expect(await source.commitRollback(rollbackOf())).toMatchObject({ kind: 'committed' });
  expect(repository.onServer('log', '--format=%s', 'main').split('\n')).toEqual([
    'revert(default/digits): version 3 -> 2',
    'somebody else 2',
    'somebody else 1',
    'somebody else 0',
    'A change',
  ]);
});

it('writes two rollbacks at the same time, each in a commit of its own', async () => {
  const other = { name: 'other', file: 'other.yaml' };
  const results = await Promise.all([source.commitRollback(rollbackOf()), source.commitRollback(rollbackOf(other))]);
  expect(results.map(({ kind }) => kind)).toEqual(['committed', 'committed']);
  expect([onServer('main'), onServer('main', 'other.yaml')]).toEqual([
    manifest('digits', 2).trim(),
    manifest('other', 2).trim(),
  ]);
});
