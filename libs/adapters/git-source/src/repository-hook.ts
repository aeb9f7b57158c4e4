/**
 * The program behind the hooks of the embedded repository. Git runs it in the repository, as `update <ref> <old> <new>` before a
 * reference moves and as `post-receive` after all have. Its standard error is what the pusher reads as `remote: …`.
 *
 * It imports nothing of ours, and it never makes a push fail or wait because the controller is away.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const NOTIFY_TIMEOUT_MS = 1000;
const NOTHING = /^0+$/;

const [hook, ref = '', before = '', after = ''] = process.argv.slice(2);
const { branch, notifyUrl, secret } = JSON.parse(readFileSync('slipway-hooks.json', 'utf8')) as {
  branch: string;
  notifyUrl?: string;
  secret?: string;
};
const deployed = `refs/heads/${branch}`;
/** What the controller writes beside rollbacks: proposals of them, and statuses. */
const OWN_REFS = /^refs\/(heads\/slipway\/revert-|notes\/status$)/;

if (hook === 'update') {
  const refusal = refusalOf();
  if (refusal !== undefined) {
    process.stderr.write(`slipway: ${refusal}\nslipway: nothing was changed.\n`);
    await notify({ event: 'refused', ref, commit: after, paths: changedPaths() });
    process.exit(1);
  }
} else if (isDeployedPushed()) {
  await notify({ event: 'push', ref: deployed });
}

/** `post-receive` reads a line `<old> <new> <ref>` for each reference that moved. */
function isDeployedPushed(): boolean {
  return readFileSync(0, 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${deployed}`));
}

function refusalOf(): string | undefined {
  if (OWN_REFS.test(ref)) return undefined;
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
  const text = JSON.stringify(body);
  const signature = secret === undefined ? undefined : createHmac('sha256', secret).update(text).digest('hex');
  try {
    await fetch(notifyUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(signature === undefined ? {} : { 'x-hub-signature-256': `sha256=${signature}` }),
      },
      body: text,
      signal: AbortSignal.timeout(NOTIFY_TIMEOUT_MS),
    });
  } catch {
    // The controller polls too.
  }
}
