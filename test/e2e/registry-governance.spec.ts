import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryProcess } from '../servers/registry-process.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
const folder = mkdtempSync(join(tmpdir(), 'slipway-governance-'));
let server: SlipwayServer;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
  await serveDigits(server, 2);
});

afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as somebody. */
const as = async (actor: string, ...args: string[]) => {
  process.env['SLIPWAY_ACTOR'] = actor;
  try {
    return await runSlipway(server, args);
  } finally {
    delete process.env['SLIPWAY_ACTOR'];
  }
};
const expectDone = async (actor: string, ...args: string[]) => {
  const result = await as(actor, ...args);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stdout;
};

describe('stages', () => {
  it('go forward one by one, and into production only with somebody else’s approval', async () => {
    await expectDone('ada', 'namespace', 'create', 'bank', '--owner', 'risk', '--require-approval', 'production');
    await expectDone('ada', 'model', 'push', 'score', join(digitsDirectory, 'digits-1.onnx'), '--namespace', 'bank');
    const stage = (actor: string, ...args: string[]) => as(actor, 'model', 'stage', ...args, '--namespace', 'bank');
    expect((await stage('ada', 'request', 'score@1', 'production')).stderr).toMatch(
      /score@1 cannot go from development to production: from there it may go to staging, archived \(STAGE_TRANSITION_REFUSED\)/,
    );
    expect((await stage('ada', 'request', 'score@1', 'staging')).stdout).toContain('score@1 is in staging');
    await stage('ada', 'request', 'score@1', 'production', '--reason', 'passed the review');
    expect((await stage('ada', 'approve', 'score@1')).stderr).toMatch(/somebody else must approve it/);
    expect((await stage('grace', 'approve', 'score@1', '--reason', 'agreed')).stdout).toContain('is in production');

    const history = JSON.parse(await expectDone('ada', 'model', 'history', 'score@1', '--namespace', 'bank', '--json'));
    expect(history.map((event: { action: string; actor: string }) => [event.action, event.actor])).toEqual([
      ['STAGE_CHANGED', 'grace'],
      ['STAGE_REQUESTED', 'ada'],
      ['STAGE_CHANGED', 'ada'],
      ['VERSION_REGISTERED', 'ada'],
    ]);
    const found = await expectDone('ada', 'model', 'find', '--filter', "stage = 'production'");
    expect(found).toMatch(/bank +score@1 +production/);
  });
});

describe('withdrawing', () => {
  it('is refused while a deployment or an alias uses the version, and possible afterwards', async () => {
    expect((await as('ada', 'model', 'withdraw', 'digits@2')).stderr).toMatch(
      /digits@2 is in use by deployment default\/digits: change that first \(VERSION_IN_USE\)/,
    );
    await expectDone('ada', 'model', 'alias', 'set', 'old', 'digits@1');
    expect((await as('ada', 'model', 'withdraw', 'digits@1')).stderr).toMatch(/in use by alias old/);
    await expectDone('ada', 'model', 'alias', 'delete', 'old', 'digits');
    await expectDone('ada', 'model', 'withdraw', 'digits@1', '--reason', 'trained on wrong data');
    expect(await expectDone('ada', 'model', 'show', 'digits@1')).toContain('trained on wrong data');
    expect((await as('ada', 'model', 'alias', 'set', 'old', 'digits@1')).stderr).toContain('VERSION_TOMBSTONED');
    expect((await as('ada', 'deploy', 'digits@1')).stderr).toContain('VERSION_TOMBSTONED');
    await expectDone('ada', 'model', 'restore', 'digits@1');
    await expectDone('ada', 'model', 'alias', 'set', 'old', 'digits@1');
  });
});

it('deprecations and annotations are told with the version', async () => {
  await expectDone('ada', 'model', 'deprecate', 'digits@1', '--reason', 'use 2');
  expect((await as('ada', 'deploy', 'digits@1', '--dry-run')).stderr).toContain('digits@1 is deprecated by ada: use 2');
  await expectDone('ada', 'model', 'annotate', 'digits@1', 'reviewed-by=grace', 'ticket=ML-7');
  const shown = JSON.parse(await expectDone('ada', 'model', 'show', 'digits@1', '--json'));
  expect(shown).toMatchObject({ deprecation: { by: 'ada', reason: 'use 2' }, stage: 'DEVELOPMENT' });
  expect(shown.annotations).toEqual([
    { name: 'reviewed-by', value: 'grace' },
    { name: 'ticket', value: 'ML-7' },
  ]);
  const found = await expectDone('ada', 'model', 'find', '--filter', 'deprecated = true', '--json');
  expect(JSON.parse(found).nodes).toMatchObject([{ model: 'digits', version: 1 }]);
});

describe('a backup', () => {
  const backup = join(folder, 'backup');
  const restored = join(folder, 'restored');
  const bucket = (store: string, ...args: string[]) => {
    process.env['SLIPWAY_STORE_DIR'] = store;
    return runSlipway(server, ['registry', ...args]).finally(() => delete process.env['SLIPWAY_STORE_DIR']);
  };

  it('is made beside a working registry, and again only of what is new', async () => {
    const first = await bucket(join(stateDir, 'store'), 'backup', backup, '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ versions: 3, blobs: 2, copiedBlobs: 2 });
    await expectDone('ada', 'model', 'push', 'digits', join(digitsDirectory, 'digits-3.onnx'));
    const second = await bucket(join(stateDir, 'store'), 'backup', backup, '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({ versions: 4, blobs: 3, copiedBlobs: 1 });
    expect(await bucket(restored, 'verify', backup)).toMatchObject({ exitCode: 0 });
  });

  it('becomes a registry again, with every event', async () => {
    expect(await bucket(restored, 'restore', backup)).toMatchObject({ exitCode: 0 });
    const registry = await RegistryProcess.start({
      SLIPWAY_STORE_DIR: restored,
      SLIPWAY_REGISTRY_INDEX: join(folder, 'index.db'),
    });
    try {
      const events = async (url: string) =>
        (await runSlipway(server, ['--registry', url, 'model', 'history', 'digits', '--json'])).stdout;
      expect(await events(registry.url)).toBe(await events(server.registry));
    } finally {
      await registry.end('SIGTERM');
    }
    expect((await bucket(restored, 'restore', backup)).stderr).toMatch(/INPUT_INVALID/);
  });

  it('that is damaged is found out, file by file', async () => {
    const blobs = join(restored, 'blobs/sha256');
    const [damaged = '', gone = ''] = readdirSync(blobs).filter((name) => statSync(join(blobs, name)).isFile());
    const bytes = readFileSync(join(blobs, damaged));
    bytes[7] = (bytes[7] ?? 0) ^ 1;
    writeFileSync(join(blobs, damaged), bytes);
    rmSync(join(blobs, gone));
    const { exitCode, stdout, stderr } = await bucket(restored, 'verify');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('2 things are wrong (ARTIFACT_CORRUPT)')]);
    expect(stdout).toContain(`blobs/sha256/${damaged}`);
    expect(stdout).toContain(`blobs/sha256/${gone}`);
    expect(createHash('sha256').update(bytes).digest('hex')).not.toBe(damaged);
    const elsewhere = join(folder, 'nowhere');
    expect((await bucket(elsewhere, 'verify')).stderr).toMatch(/nowhere is no folder with a bucket/);
    expect(existsSync(elsewhere)).toBe(false);
  });
});

it('garbage is told before it is collected, and young garbage is left alone', async () => {
  const dry = await expectDone('ada', 'registry', 'gc', '--dry-run');
  expect(dry).toContain('would have removed 0 blobs');
  expect(await expectDone('ada', 'registry', 'gc')).toContain('has removed 0 blobs');
});
