/**
 * The program behind the hooks of the embedded repository. Git runs it in the repository, as `update <ref> <old> <new>` before a
 * reference moves and as `post-receive` after all have. Its standard error is what the pusher reads as `remote: …`.
 *
 * It imports nothing of ours, and it never makes a push fail or wait because the controller is away.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const NOTIFY_TIMEOUT_MS = 1000;
const NOTHING = /^0+$/;

const [hook, ref = '', before = '', after = ''] = process.argv.slice(2);
const { branch, notifyUrl } = JSON.parse(readFileSync('slipway-hooks.json', 'utf8')) as {
  branch: string;
  notifyUrl?: string;
};
const deployed = `refs/heads/${branch}`;

if (hook === 'update') {
  const refusal = refusalOf();
  if (refusal !== undefined) {
    process.stderr.write(`slipway: ${refusal}\nslipway: nothing was changed.\n`);
    await notify({ event: 'refused', ref, commit: after, paths: changedPaths() });
    process.exit(1);
  }
} else {
  await notify({ event: 'push', ref: deployed });
}

function refusalOf(): string | undefined {
  if (ref !== deployed) {
    return `${ref.replace('refs/heads/', '')} is not deployed, this repository takes pushes to ${branch} only: push HEAD:${branch}`;
  }
  const isForward =
    NOTHING.test(before) || spawnSync('git', ['merge-base', '--is-ancestor', before, after]).status === 0;
  return isForward ? undefined : `${branch} is deployed and its history cannot be rewritten: revert with a new commit`;
}

function changedPaths(): string[] {
  try {
    const listing = execFileSync('git', ['diff', '--name-only', '-z', deployed, after], { encoding: 'utf8' });
    return listing.split('\0').filter((path) => path !== '');
  } catch {
    return [];
  }
}

async function notify(body: object): Promise<void> {
  if (notifyUrl === undefined) return;
  try {
    await fetch(notifyUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(NOTIFY_TIMEOUT_MS),
    });
  } catch {
    // The controller polls too.
  }
}
