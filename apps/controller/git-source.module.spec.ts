import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommitStatus, ManifestParser, Scheduler } from '#application/rollout';
import type { ControllerConfig } from './config.ts';
import { createGitSource } from './git-source.module.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-source-module-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (repository: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], {
    cwd: join(folder, repository),
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();

/** A repository with one commit. @returns the commit. */
function createRepository(name: string): string {
  mkdirSync(join(folder, name));
  git(name, 'init', '--quiet', '--initial-branch=main');
  writeFileSync(join(folder, name, `${name}.yaml`), `of: ${name}\n`);
  git(name, 'add', '.');
  git(name, 'commit', '--quiet', '-m', 'Begin');
  return git(name, 'rev-parse', 'HEAD');
}

function open(list: readonly object[], settings: Partial<ControllerConfig> = {}) {
  writeFileSync(join(folder, 'sources.json'), JSON.stringify(list));
  const config = { gitSources: join(folder, 'sources.json'), gitStatus: 'none', stateDir: folder, ...settings };
  const author = { authorName: 'Slipway', authorEmail: 'slipway@localhost' };
  const scheduler: Scheduler = { nowMs: () => 0, after: () => () => {} };
  return createGitSource({ ...config, ...author } as ControllerConfig, {} as ManifestParser, scheduler);
}

const listed = (name: string) => ({ name, url: join(folder, name) });

describe('statuses of several repositories', () => {
  it('go to the repository that has the commit, where it wants them', async () => {
    const [left, right, quiet] = ['left', 'right', 'quiet'].map((name) => ({ name, commit: createRepository(name) }));
    const { source, publisher } = await open([
      { ...listed('left'), status: 'notes' },
      { ...listed('right'), status: 'notes' },
      listed('quiet'),
    ]);
    await source.poll();
    for (const commit of [left?.commit, right?.commit, quiet?.commit]) {
      const status = { commit, context: 'slipway/default/digits', state: 'success', description: 'it serves' };
      await publisher?.publish(status as CommitStatus);
    }
    const noted = (name: string) =>
      git(name, 'notes', '--ref=status', 'list')
        .split('\n')
        .map((line) => line.split(' ')[1]);
    expect(noted('left')).toEqual([left?.commit]);
    expect(noted('right')).toEqual([right?.commit]);
    expect(git('quiet', 'for-each-ref', 'refs/notes')).toBe('');
  });

  it('are none where no repository wants them', async () => {
    createRepository('quiet');
    expect((await open([listed('quiet')])).publisher).toBeUndefined();
  });

  it('need a token that can be read, and are said in the list alone', async () => {
    const forge = { status: 'github', statusUrl: 'https://github.com/acme/a', statusTokenFile: join(folder, 'none') };
    await expect(open([{ ...listed('a'), ...forge }])).rejects.toThrow(/the token of a forge cannot be read: ENOENT/);
    await expect(open([listed('a')], { gitStatus: 'notes' })).rejects.toThrow(/say it by `status`/);
  });
});
