import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAX_ATTEMPTS = 5;
/** What git says when somebody else, the controller with a rollback for instance, pushed first. */
const LOST_RACE = /cannot lock ref|fetch first|non-fast-forward/;

/** Commits one file to the deployed branch. @throws as {@link commitFiles}. */
export function commitManifest(repository: string, file: string, text: string): void {
  commitFiles(repository, { [file]: text }, `Change ${file}`);
}

/**
 * Commits files with plain git, as a person does: once more on what others pushed meanwhile.
 *
 * @param files text by path; the others stay as they are.
 * @throws Error with git's words when it is refused.
 */
export function commitFiles(
  repository: string,
  files: Readonly<Record<string, string>>,
  message: string,
  branch = 'main',
): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      commitOnce(repository, files, message, branch);
      return;
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !LOST_RACE.test((error as Error).message)) throw error;
    }
  }
}

function commitOnce(
  repository: string,
  files: Readonly<Record<string, string>>,
  message: string,
  branch: string,
): void {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-push-'));
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const git = (...args: string[]) => execFileSync('git', [...author, ...args], { cwd: clone, stdio: 'pipe' });
  try {
    git('clone', '--quiet', repository, '.');
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      writeFileSync(join(clone, file), text);
    }
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}
