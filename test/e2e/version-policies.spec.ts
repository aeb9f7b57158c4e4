import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
let server: SlipwayServer;
let commits = 0;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
  await serveDigits(server, 3);
});
afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Commits the manifest with plain git, as a person does. */
function commit(spec: string): void {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-push-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: clone,
      stdio: 'pipe',
    });
  try {
    git('clone', '--quiet', server.git, '.');
    commits += 1;
    const rollout = '  rollout: {strategy: allAtOnce}\n';
    const head = `# commit ${commits}\napiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: digits}\n`;
    writeFileSync(join(clone, 'digits.yaml'), `${head}spec:\n  model: digits\n${rollout}${spec}`);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'A change');
    git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

const statusOf = async () =>
  (await (await fetch(`${server.controller}/v1/deployments/default/digits`)).json()) as DeploymentStatus;
const untilStatus = (what: string, isAccepted: (status: DeploymentStatus) => boolean) =>
  eventually(what, statusOf, isAccepted);
const setAlias = async (version: number) => {
  const result = await runSlipway(server, ['model', 'alias', 'set', 'champion', `digits@${version}`]);
  expect(result.exitCode, result.stderr).toBe(0);
};
const servedBy = async (path: string) => {
  const response = await fetch(`${server.gateway}/v2/models/digits${path}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1) }],
    }),
  });
  return response.headers.get('slipway-served-by') ?? `status ${response.status}`;
};

describe('aliases and version policies', () => {
  it('a manifest that names an alias serves where it points at the commit, until the next commit', async () => {
    await setAlias(1);
    commit('  alias: champion\n');
    await untilStatus('version 1 is stable', ({ stable }) => stable?.version === 1);
    expect((await statusOf()).desired).toMatchObject({ version: 1, alias: 'champion' });
    await setAlias(2);
    expect(await servedBy('')).toBe('1');
    commit('  alias: champion\n');
    await untilStatus('version 2 is stable', ({ stable }) => stable?.version === 2);
    expect(await servedBy('')).toBe('2');
  });

  it('versions of a policy answer requests that name them, and no others', async () => {
    commit('  version: 2\n  versionPolicy: {latest: {count: 2}}\n');
    await untilStatus('version 3 is served by name', ({ pinned = [] }) => pinned[0]?.state === 'ready');
    expect(await servedBy('/versions/3')).toBe('3');
    const answers = await Promise.all(Array.from({ length: 40 }, () => servedBy('')));
    expect(new Set(answers)).toEqual(new Set(['2']));
    const metadata = await (await fetch(`${server.gateway}/v2/models/digits`)).json();
    expect(metadata).toMatchObject({ versions: ['2', '3'] });
    const shown = await runSlipway(server, ['rollout', 'status', 'digits']);
    expect(shown.stdout).toMatch(/SERVED BY NAME\n {2}3 {2}ready/);
  });

  it('a version that is served by name cannot be withdrawn', async () => {
    const refused = await runSlipway(server, ['model', 'withdraw', 'digits@3', '--reason', 'a mistake']);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('deployment default/digits') });
    commit('  version: 2\n  versionPolicy: {specific: {versions: [1]}}\n');
    await untilStatus('version 1 is served by name', ({ pinned = [] }) => pinned[0]?.version === 1);
    expect(await servedBy('/versions/3')).toBe('status 404');
  });

  it('what a policy names in vain is said, and disturbs nothing', async () => {
    commit('  version: 2\n  versionPolicy: {specific: {versions: [1, 8]}}\n');
    await untilStatus('the event', ({ events }) => events.some(({ message }) => message.includes('no version 8')));
    expect(await servedBy('')).toBe('2');
    expect(await servedBy('/versions/1')).toBe('1');
  });
});
