import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Mirror } from './mirror.ts';

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
  const packs = () => readdirSync(join(directory, 'objects/pack')).filter((file) => file.endsWith('.pack')).length;
  const files: string[] = [];
  let end = () => {};
  const looking = mirror.use(() => new Promise<void>((resolve) => (end = resolve)));
  for (let number = 1; number <= MANY_PACKS; number += 1) {
    files.push(commit(number));
    await mirror.use(() => mirror.fetch());
  }
  expect(packs()).toBe(MANY_PACKS);
  end();
  await looking;
  // Whoever comes now waits for the end of it.
  const found = await mirror.use(() => mirror.git.text(['cat-file', '--batch-check'], { input: files.join('\n') }));
  expect(packs()).toBe(1);
  expect(found.split('\n').map((line) => line.split(' ')[1])).toEqual(files.map(() => 'blob'));
});
