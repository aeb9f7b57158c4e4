import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Mirror } from './mirror.ts';
import { packIntoOne, packsIn } from './single-pack.ts';

/** One more than a mirror keeps before it tidies them. */
const MANY_PACKS = 51;

let folder: string;
let remote: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', '-C', remote, ...args], {
    encoding: 'utf8',
  }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  remote = join(folder, 'remote');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', remote]);
  git('config', 'receive.denyCurrentBranch', 'updateInstead');
  git('config', 'uploadpack.allowFilter', 'true');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function commit(number: number): string {
  writeFileSync(join(remote, 'digits.yaml'), `version: ${number}\n`);
  git('add', '.');
  git('commit', '--quiet', '-m', `Version ${number}`);
  return git('rev-parse', 'HEAD:digits.yaml');
}

it('tidies its packs when nobody looks for an object, and has all of them then', { timeout: 60_000 }, async () => {
  const directory = join(folder, 'mirror.git');
  const mirror = new Mirror(directory, remote);
  const packs = async () => (await packsIn(join(directory, 'objects/pack'))).length;
  const files: string[] = [];
  let end = () => {};
  const looking = mirror.use(() => new Promise<void>((resolve) => (end = resolve)));
  for (let number = 1; number <= MANY_PACKS; number += 1) {
    files.push(commit(number));
    await mirror.use(() => mirror.fetch());
  }
  expect(await packs()).toBe(MANY_PACKS);
  end();
  await looking;
  // Whoever comes now waits for the end of it.
  const found = await mirror.use(() => mirror.git.text(['cat-file', '--batch-check'], { input: files.join('\n') }));
  expect(await packs()).toBe(1);
  expect(found.split('\n').map((line) => line.split(' ')[1])).toEqual(files.map(() => 'blob'));
});

/** A commit of the mirror's own, on what it fetched last, with another content of the file. */
async function commitIn(mirror: Mirror): Promise<{ hash: string; objects: string[] }> {
  const { git: program } = mirror;
  const blob = await program.text(['hash-object', '-w', '--stdin'], { input: 'version: 0\n' });
  const tree = await program.text(['mktree'], { input: `100644 blob ${blob}\tdigits.yaml\n` });
  const parent = (await mirror.head('main')) ?? '';
  const config = ['user.name=T', 'user.email=t@t'];
  const hash = await program.text(['commit-tree', tree, '-p', parent, '-m', 'Revert'], { config });
  return { hash, objects: [hash, tree, blob] };
}

it('loses nothing of its own when packs are tidied before and after a commit from the remote builds on it', async () => {
  const directory = join(folder, 'mirror.git');
  const mirror = new Mirror(directory, remote);
  commit(1);
  await mirror.fetch();
  const own = await commitIn(mirror);
  expect((await mirror.push(`${own.hash}:refs/heads/main`)).status).toBe(0);
  await mirror.fetch();
  const objects = join(directory, 'objects');
  await packIntoOne(mirror.git, join(objects, 'pack'));
  commit(2);
  await mirror.fetch();
  await packIntoOne(mirror.git, join(objects, 'pack'));
  const listing = ['rev-list', '--objects', '--no-object-names', '--missing=allow-any', ...own.objects];
  expect((await mirror.git.text(listing)).split('\n')).toEqual(expect.arrayContaining(own.objects));
  expect(
    readdirSync(join(objects, 'pack'))
      .map((file) => file.slice(file.indexOf('.')))
      .toSorted(),
  ).toEqual(['.idx', '.pack', '.promisor']);
  expect(readdirSync(objects).toSorted()).toEqual(['info', 'pack']);
});

it('has the files of a commit that came while it pushed', async () => {
  const mirror = new Mirror(join(folder, 'mirror.git'), remote);
  commit(1);
  await mirror.fetch();
  const own = await commitIn(mirror);
  const file = commit(2);
  const { status, report } = await mirror.push(`${own.hash}:refs/heads/main`);
  expect(status).not.toBe(0);
  expect(report).toContain('fetch first');
  await mirror.fetch();
  const { stdout } = await mirror.git.try(['cat-file', 'blob', file]);
  expect(stdout.toString()).toBe('version: 2\n');
});
