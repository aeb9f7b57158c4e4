import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Commits one file to the deployed branch with plain git, as a person does. @throws Error with git's words when it is refused. */
export function commitManifest(repository: string, file: string, text: string): void {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-push-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: clone,
      stdio: 'pipe',
    });
  try {
    git('clone', '--quiet', repository, '.');
    const path = join(clone, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    git('add', '--all');
    git('commit', '--quiet', '--message', `Change ${file}`);
    git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}
