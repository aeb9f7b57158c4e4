import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManifestRepository } from './manifest-repository.ts';

let folder: string;
let remote: string;
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Other', '-c', 'user.email=other@localhost', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Somebody else pushes a file to the branch. */
function pushByOther(file: string): void {
  const clone = mkdtempSync(join(folder, 'other-'));
  git(clone, 'clone', '--quiet', remote, '.');
  writeFileSync(join(clone, file), 'theirs\n');
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '--message', `Add ${file}`);
  git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifest-repository-'));
  remote = join(folder, 'remote.git');
  git(folder, 'init', '--quiet', '--bare', '--initial-branch', 'main', remote);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes the change again on what somebody else pushed meanwhile', async () => {
  pushByOther('first.yaml');
  const seen: (string | undefined)[] = [];
  const { isNew } = await new ManifestRepository(remote, 'main').commit({
    file: 'digits.yaml',
    message: 'Serve digits',
    edit: (current) => {
      if (seen.length === 0) pushByOther('second.yaml');
      seen.push(current);
      return 'ours\n';
    },
  });
  expect({ isNew, seen }).toEqual({ isNew: true, seen: [undefined, undefined] });
  expect(git(remote, 'ls-tree', '--name-only', 'main').split('\n')).toEqual([
    'digits.yaml',
    'first.yaml',
    'second.yaml',
    '',
  ]);
});

it('gives up when somebody else is faster each time, with the reason', async () => {
  pushByOther('first.yaml');
  let attempts = 0;
  const commit = new ManifestRepository(remote, 'main').commit({
    file: 'digits.yaml',
    message: 'Serve digits',
    edit: () => {
      attempts += 1;
      pushByOther(`other-${attempts}.yaml`);
      return 'ours\n';
    },
  });
  await expect(commit).rejects.toThrow(/fetch first/);
  expect(attempts).toBe(3);
});
