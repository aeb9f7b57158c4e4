import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Commits manifests with plain git, as a person does.
 *
 * @param manifests what stands below `kind: ModelDeployment`, by file name; the others stay as they are.
 */
export function commitManifests(server: { readonly git: string }, manifests: Readonly<Record<string, string>>): void {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-push-'));
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const git = (...args: string[]) => execFileSync('git', [...author, ...args], { cwd: clone, stdio: 'pipe' });
  try {
    git('clone', '--quiet', server.git, '.');
    for (const [file, text] of Object.entries(manifests)) {
      writeFileSync(join(clone, file), `apiVersion: slipway.dev/v1\nkind: ModelDeployment\n${text}`);
    }
    git('add', '--all');
    git('commit', '--quiet', '--message', 'A change');
    git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}
