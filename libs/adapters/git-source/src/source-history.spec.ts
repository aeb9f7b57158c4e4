import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManifestParser } from '#application/rollout';
import { GitRepository } from '../../../../test/servers/git-repository.ts';
import { GitManifestSource } from './index.ts';

const parser: ManifestParser = { parse: () => [] };
let repository: GitRepository;

function open(mirror = `mirror-${randomBytes(6).toString('hex')}.git`): GitManifestSource {
  return new GitManifestSource(
    {
      url: repository.url,
      branch: 'main',
      path: '',
      mirrorDir: join(repository.folder, mirror),
      author: { name: 'Slipway', email: 'slipway@localhost' },
    },
    parser,
  );
}

/** Files with their commits, as a source tells them. */
async function commitsOf(source: GitManifestSource): Promise<Record<string, string>> {
  return Object.fromEntries((await source.poll()).files.map(({ path, commit }) => [path, commit]));
}

/** A source that saw everything happen, and one that comes only now, must say the same. */
async function expectCommits(watching: GitManifestSource, expected: Readonly<Record<string, string>>): Promise<void> {
  expect(await commitsOf(watching)).toEqual(expected);
  expect(await commitsOf(open())).toEqual(expected);
}

beforeEach(() => {
  repository = new GitRepository();
});
afterEach(() => repository.remove());

describe('the commit of a file', () => {
  it('is the one that changed it last, also when others came since', async () => {
    const first = repository.commit({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' });
    repository.push();
    const source = open();
    await source.poll();
    const second = repository.commit({ 'b.yaml': 'b: 2' });
    repository.push();
    await expectCommits(source, { 'a.yaml': first, 'b.yaml': second });
  });

  it('is the newest of a change and its taking back that came with one push', async () => {
    repository.commit({ 'a.yaml': 'a: 1' });
    repository.push();
    const source = open();
    await source.poll();
    repository.commit({ 'a.yaml': 'a: 2' });
    const back = repository.commit({ 'a.yaml': 'a: 1' });
    repository.push();
    await expectCommits(source, { 'a.yaml': back });
  });

  it('is the one that was merged, not the merge', async () => {
    const base = repository.commit({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' });
    repository.push();
    const source = open();
    await source.poll();
    repository.git('checkout', '--quiet', '-b', 'side');
    const onSide = repository.commit({ 'b.yaml': 'b: 2' });
    repository.git('checkout', '--quiet', 'main');
    repository.commit({ 'README.md': 'words' });
    repository.git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'side');
    repository.push();
    await expectCommits(source, { 'a.yaml': base, 'b.yaml': onSide });
  });

  it('is the merge when that solved a conflict', async () => {
    repository.commit({ 'a.yaml': 'a: 1' });
    repository.push();
    const source = open();
    await source.poll();
    repository.git('checkout', '--quiet', '-b', 'side');
    repository.commit({ 'a.yaml': 'a: 2' });
    repository.git('checkout', '--quiet', 'main');
    repository.commit({ 'a.yaml': 'a: 3' });
    expect(() => repository.git('merge', '--quiet', 'side')).toThrow();
    const merge = repository.commit({ 'a.yaml': 'a: 4' });
    repository.push();
    await expectCommits(source, { 'a.yaml': merge });
  });

  it('is found in files whose names have spaces, colons and letters of all scripts', async () => {
    const commit = repository.commit({ ':a b.yaml': 'a: 1', 'größe/模型.yml': 'a: 2' });
    repository.push();
    await expectCommits(open(), { ':a b.yaml': commit, 'größe/模型.yml': commit });
  });
});

describe('history that was rewritten', () => {
  it('counts as it is now, and is told of', async () => {
    const first = repository.commit({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' });
    const lost = repository.commit({ 'a.yaml': 'a: 2' });
    repository.push();
    const source = open();
    expect((await source.poll()).notices).toEqual([]);
    repository.git('reset', '--quiet', '--hard', first);
    const instead = repository.commit({ 'b.yaml': 'b: 3' });
    repository.push('+HEAD:main');
    await expectCommits(source, { 'a.yaml': first, 'b.yaml': instead });
    const { notices, commit } = await source.poll();
    expect(commit).toBe(instead);
    expect(notices).toEqual([
      {
        code: 'HISTORY_REWRITTEN',
        severity: 'warning',
        message: `the history of main was rewritten: ${lost.slice(0, 10)} is not in it any more, ${instead.slice(0, 10)} is in force`,
        commit: instead,
        paths: ['a.yaml', 'b.yaml'],
      },
    ]);
  });

  it('is noticed by a source that was not there when it happened', async () => {
    const first = repository.commit({ 'a.yaml': 'a: 1' });
    repository.commit({ 'a.yaml': 'a: 2' });
    repository.push();
    await open('kept.git').poll();
    repository.push(`+${first}:main`);
    const { notices, files } = await open('kept.git').poll();
    expect(notices?.map(({ code }) => code)).toEqual(['HISTORY_REWRITTEN']);
    expect(files[0]).toMatchObject({ commit: first, content: { text: 'a: 1' } });
  });
});

describe('the mirror', () => {
  const objectsIn = (mirror: string) =>
    execFileSync('git', ['--git-dir', join(repository.folder, mirror), 'count-objects', '-v'], { encoding: 'utf8' });
  const sizeOf = (mirror: string) => Number(/size-pack: (\d+)/.exec(objectsIn(mirror))?.[1]);
  const large = () => ({ 'large.yaml': randomBytes(5 * 1024 * 1024), 'a.yaml': 'a: 1' });

  it('leaves large files at the server, and reads and writes beside them', async () => {
    repository.commit(large());
    repository.push();
    const source = open('m.git');
    const { files } = await source.poll();
    expect(files.map(({ path, content }) => [path, content.kind])).toEqual([
      ['a.yaml', 'text'],
      ['large.yaml', 'refused'],
    ]);
    repository.commit({ 'a.yaml': 'a: 2' });
    repository.push();
    expect((await source.poll()).files[0]?.content).toEqual({ kind: 'text', text: 'a: 2' });
    expect(sizeOf('m.git')).toBeLessThan(100);
  });

  it('refuses large files also where the server cannot leave them out', async () => {
    repository.remove();
    repository = new GitRepository({ allowsFilter: false });
    repository.commit(large());
    repository.push();
    expect((await open('m.git').poll()).files[1]?.content).toEqual({
      kind: 'refused',
      reason: '5242880 bytes are too many for a manifest: 1048576 are allowed',
    });
  });

  it('keeps the number of packs within bounds', async () => {
    const source = open('m.git');
    for (let count = 0; count < 52; count += 1) {
      repository.commit({ 'a.yaml': `a: ${count}` });
      repository.push();
      await source.poll();
    }
    expect((await source.poll()).files[0]?.content).toEqual({ kind: 'text', text: 'a: 51' });
    await source.poll();
    expect(Number(/packs: (\d+)/.exec(objectsIn('m.git'))?.[1])).toBeLessThan(50);
  }, 120_000);
});

it('keeps what did not change as the same objects', async () => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.yaml`, `a: ${index}`]));
  repository.commit(files);
  repository.push();
  const source = open();
  const before = await source.poll();
  expect(before.files).toHaveLength(300);
  repository.commit({ '7.yaml': 'a: seven' });
  repository.push();
  const after = await source.poll();
  const changed = after.files.filter((file) => !before.files.includes(file));
  expect(changed.map(({ path }) => path)).toEqual(['7.yaml']);
});
