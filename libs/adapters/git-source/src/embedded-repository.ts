import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { GitProgram } from './git-program.ts';
import { removeStaleLocks } from './stale-locks.ts';

/** What a push to the embedded repository leads to. */
export interface EmbeddedRepositoryOptions {
  /** The only branch that can be pushed. */
  readonly branch: string;
  /** Where the controller takes notice of pushes; without it nobody is told. */
  readonly notifyUrl?: string;
  /** Signs the notices, as GitHub signs its webhooks. */
  readonly secret?: string | undefined;
}

/** A push of somebody else, at this moment, must keep its locks. */
const LOCK_GRACE_MS = 1000;
const AUTHOR = { GIT_AUTHOR_NAME: 'Slipway', GIT_AUTHOR_EMAIL: 'slipway@localhost' };
const COMMITTER = { GIT_COMMITTER_NAME: 'Slipway', GIT_COMMITTER_EMAIL: 'slipway@localhost' };

/**
 * Makes a bare repository for manifests, or brings the hooks of an existing one up to date. It has a first, empty commit, so that
 * it can be cloned; its hooks refuse pushes to other branches with a reason, and tell the controller of every push. Branches with
 * proposed rollbacks and notes with statuses are the controller's own, and pass.
 */
export async function createEmbeddedRepository(directory: string, options: EmbeddedRepositoryOptions): Promise<void> {
  const git = new GitProgram(directory);
  await mkdir(directory, { recursive: true });
  await removeStaleLocks(directory, LOCK_GRACE_MS);
  if (!existsSync(join(directory, 'HEAD'))) await git.run(['init', '--bare', '--quiet', directory]);
  // Mirrors leave out what is too large for a manifest.
  await git.run(['config', 'uploadpack.allowFilter', 'true']);
  await git.run(['symbolic-ref', 'HEAD', `refs/heads/${options.branch}`]);
  const head = await git.try(['rev-parse', '--verify', '--quiet', `refs/heads/${options.branch}`]);
  if (head.status !== 0) {
    const tree = await git.text(['hash-object', '-w', '-t', 'tree', '--stdin'], { input: '' });
    const environment = { ...AUTHOR, ...COMMITTER };
    const commit = await git.text(['commit-tree', tree, '-m', 'Begin'], { environment });
    await git.run(['update-ref', `refs/heads/${options.branch}`, commit]);
  }
  await writeHooks(directory, options);
}

async function writeHooks(directory: string, options: EmbeddedRepositoryOptions): Promise<void> {
  const settings = join(directory, 'slipway-hooks.json');
  await writeFile(`${settings}.new`, `${JSON.stringify(options)}\n`, { mode: 0o600 });
  await rename(`${settings}.new`, settings);
  const program = join(import.meta.dirname, `repository-hook${extname(import.meta.filename)}`);
  await mkdir(join(directory, 'hooks'), { recursive: true });
  for (const hook of ['update', 'post-receive']) {
    const path = join(directory, 'hooks', hook);
    await writeFile(`${path}.new`, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(program)} ${hook} "$@"\n`);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
