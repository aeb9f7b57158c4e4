import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitManifestSource, type GitSourceOptions } from '#adapters/git-source';
import { YamlManifestParser } from '#adapters/json-schema';
import { ComposedSource, StatusReporter } from '#application/rollout';
import { registerWebhook } from '../../apps/controller/webhook-route.ts';
import { GitRepository } from '../servers/git-repository.ts';
import { GitController, KeptJournal, scheduler } from './git-controller.ts';

const outageSeconds = Number(process.env['SLIPWAY_GIT_OUTAGE_SECONDS'] ?? 5);
const commitSeconds = Number(process.env['SLIPWAY_GIT_COMMIT_SECONDS'] ?? 5);
const MANY = 1000;

let repository: GitRepository;
let controllers: GitController[];

beforeEach(() => {
  repository = new GitRepository();
  controllers = [];
});
afterEach(async () => {
  for (const controller of controllers) await controller.stop();
  repository.remove();
});

const manifest = (name: string, version: number, rollout = '{strategy: allAtOnce}') =>
  `apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: ${name}}\nspec:\n  model: ${name}\n  version: ${version}\n  rollout: ${rollout}\n`;
const manifests = (versions: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(versions).map(([name, version]) => [`${name}.yaml`, manifest(name, version)]));

function sourceOf({ over = {}, of = repository }: { over?: Partial<GitSourceOptions>; of?: GitRepository } = {}) {
  const author = { name: 'Slipway', email: 'slipway@localhost' };
  const mirrorDir = join(of.folder, 'mirror.git');
  return new GitManifestSource(
    { url: of.url, branch: 'main', path: '', mirrorDir, author, ...over },
    new YamlManifestParser(),
  );
}

async function start(...args: Parameters<typeof GitController.start>): Promise<GitController> {
  const controller = await GitController.start(...args);
  controllers.push(controller);
  return controller;
}

function push(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): string {
  const commit = repository.commit(files, ...options);
  repository.push();
  return commit;
}

const serves = (controller: GitController, versions: Readonly<Record<string, number>>) => () =>
  Object.entries(versions).every(([name, version]) => controller.stable[name] === version);

describe('a repository that is gone', () => {
  it(`for ${outageSeconds} s leaves everything as it is, and what was committed meanwhile comes at once`, async () => {
    push(manifests({ digits: 1 }));
    const controller = await start(sourceOf());
    await controller.until(serves(controller, { digits: 1 }), 'the first version');
    renameSync(repository.url, `${repository.url}-away`);
    const end = performance.now() + outageSeconds * 1000;
    while (performance.now() < end) {
      await expect(controller.reconciler.poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
      expect(controller.stable).toEqual({ digits: 1 });
      await sleep(200);
    }
    renameSync(`${repository.url}-away`, repository.url);
    push(manifests({ digits: 2 }));
    const tookMs = await controller.until(serves(controller, { digits: 2 }), 'the version after the outage');
    console.log(`back after ${outageSeconds} s: acted ${tookMs.toFixed(0)} ms after the push`);
    expect(tookMs).toBeLessThan(2000);
  });

  it('also after a restart, among several, keeps its deployments and does not hold the others up', async () => {
    const second = new GitRepository();
    try {
      push(manifests({ digits: 1, shared: 1 }));
      second.commit(manifests({ other: 1, shared: 2 }));
      second.push();
      const composed = () =>
        new ComposedSource(
          [
            { name: 'one', branch: 'main', source: sourceOf() },
            { name: 'two', branch: 'main', source: sourceOf({ of: second }) },
          ],
          scheduler,
        );
      const journal = new KeptJournal();
      const first = await start(composed(), { journal });
      await first.until(serves(first, { digits: 1, other: 1, shared: 1 }), 'the deployments of both');
      expect(first.eventsOf('shared').find(({ code }) => code === 'MANIFEST_DUPLICATE')?.message).toMatch(
        /^two:shared/,
      );
      await first.stop();

      renameSync(second.url, `${second.url}-away`);
      push(manifests({ digits: 2 }));
      const restarted = await start(composed(), { journal });
      await restarted.until(serves(restarted, { digits: 2, other: 1, shared: 1 }), 'the change in the other');
      expect(restarted.notices.map(({ code }) => code)).toEqual(['SOURCE_UNREACHABLE']);
      renameSync(`${second.url}-away`, second.url);
      second.commit(manifests({ other: 3 }));
      second.push();
      await restarted.until(serves(restarted, { other: 3 }), 'the change in the one that was gone');
      await restarted.stop();

      // The repository whose manifest counts is gone: the other one's must not take its place.
      renameSync(repository.url, `${repository.url}-away`);
      const again = await start(composed(), { journal });
      await again.until(() => again.poller.hasPolled, 'a look');
      await sleep(500);
      expect(again.stable).toEqual({ digits: 2, other: 3, shared: 1 });
      renameSync(`${repository.url}-away`, repository.url);
    } finally {
      second.remove();
    }
  });
});

const CANARY = '{strategy: canary, steps: [{setWeight: 50}, {analyse: {minRequests: 100}}]}';
const BROKEN = { requests: 50, serverErrors: 50, firstErrorAtMs: 1, lastError: 'no such index' };

it('a deployed branch that takes no push gets a proposal, and merging it ends the matter', async () => {
  repository.writeHook('update', '[ "$1" = refs/heads/main ] && [ -z "$MAY_PUSH" ] && exit 1; exit 0');
  process.env['MAY_PUSH'] = 'yes';
  try {
    push({ 'digits.yaml': manifest('digits', 1, CANARY) });
    const controller = await start(sourceOf());
    await controller.until(serves(controller, { digits: 1 }), 'the first version');
    const rejected = push({ 'digits.yaml': manifest('digits', 2, CANARY) });
    await controller.until(() => controller.fleet.routes.get('digits')?.candidate !== undefined, 'the candidate');
    controller.fleet.report('digits', 2, BROKEN);
    expect(controller.fleet.routes.get('digits')?.candidate).toBeUndefined();
    await controller.until(() => controller.hasEvent('digits', 'WrittenBack'), 'the proposal');
    const branch = `slipway/revert-digits-${rejected.slice(0, 7)}`;
    expect(controller.eventsOf('digits').at(-1)?.message).toContain(`on branch ${branch}, which waits to be merged`);
    expect(repository.onServer('rev-parse', 'main')).toBe(rejected);

    repository.git('pull', '--quiet', 'origin', branch);
    repository.push();
    const status = () => controller.reconciler.require('default', 'digits');
    await controller.until(() => status().entry.desired?.commit !== rejected, 'the merged proposal');
    const commits = repository.onServer('rev-list', '--count', '--all');
    await sleep(1000);
    expect(repository.onServer('rev-list', '--count', '--all')).toBe(commits);
    expect(controller.stable).toEqual({ digits: 1 });
    expect(status().state.candidate).toBeUndefined();
    expect(controller.eventsOf('digits').map(({ code }) => code)).not.toContain('BRANCH_NOT_DEPLOYED');
  } finally {
    delete process.env['MAY_PUSH'];
  }
});

it('history that is rewritten counts as it is now, and the deployments that it changes say so', async () => {
  const base = push(manifests({ digits: 1, other: 1 }));
  push(manifests({ digits: 2 }));
  const controller = await start(sourceOf());
  await controller.until(serves(controller, { digits: 2, other: 1 }), 'both');
  repository.git('reset', '--quiet', '--hard', base);
  repository.commit(manifests({ digits: 3 }));
  repository.push('+HEAD:main');
  await controller.until(serves(controller, { digits: 3 }), 'the version of the new history');
  expect(controller.hasEvent('digits', 'HISTORY_REWRITTEN')).toBe(true);
  expect(controller.hasEvent('other', 'HISTORY_REWRITTEN')).toBe(false);
  expect(controller.notices).toHaveLength(1);
});

it('a commit that is not signed is told of on the deployments that it touches, and on no other', async () => {
  const key = join(repository.folder, 'ann');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const allowedSigners = join(repository.folder, 'signers');
  writeFileSync(allowedSigners, `ann@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
  repository.git('config', 'gpg.format', 'ssh');
  repository.git('config', 'user.signingKey', key);
  push(manifests({ digits: 1, other: 1 }), '-S');
  const controller = await start(sourceOf({ over: { verification: { mode: 'every', allowedSigners } } }));
  await controller.until(serves(controller, { digits: 1, other: 1 }), 'the signed commit');
  const unsigned = push(manifests({ digits: 2 }));
  await controller.until(() => controller.hasEvent('digits', 'COMMIT_NOT_VERIFIED'), 'the refusal');
  expect(controller.eventsOf('digits').at(-1)).toMatchObject({ commit: unsigned });
  expect(controller.hasEvent('other', 'COMMIT_NOT_VERIFIED')).toBe(false);
  expect(controller.notices).toHaveLength(1);
  expect(controller.stable).toEqual({ digits: 1, other: 1 });
});

it('a commit that would remove most deployments removes none until one says that it shall', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  push(manifests(Object.fromEntries(names.map((name) => [name, 1]))));
  const controller = await start(sourceOf());
  await controller.until(() => Object.keys(controller.stable).length === names.length, 'all six');
  for (const name of names.slice(1)) rmSync(join(repository.clone, `${name}.yaml`));
  push({});
  await controller.until(() => controller.hasEvent('b', 'REMOVAL_HELD'), 'the held removal');
  push({ 'README.md': 'words' });
  await sleep(1000);
  expect(Object.keys(controller.stable).sort()).toEqual(names);
  expect(controller.hasEvent('a', 'REMOVAL_HELD')).toBe(false);
  push({}, '--message', 'Only a is needed\n\nSlipway-Confirm-Removal: yes');
  await controller.until(() => Object.keys(controller.stable).length === 1, 'the confirmed removal');
  expect(Object.keys(controller.stable)).toEqual(['a']);
});

it('a file of 50 MB is refused, told of, and stays at the server', async () => {
  push(manifests({ digits: 1 }));
  const controller = await start(sourceOf());
  await controller.until(serves(controller, { digits: 1 }), 'the first version');
  push({ 'digits.yaml': randomBytes(50 * 1024 * 1024), ...manifests({ other: 1 }) });
  const tookMs = await controller.until(serves(controller, { other: 1 }), 'the change beside it');
  expect(controller.stable).toEqual({ digits: 1, other: 1 });
  expect(controller.eventsOf('digits').at(-1)).toMatchObject({
    code: 'MANIFEST_INVALID',
    message: 'digits.yaml: more than 1048576 bytes are too many for a manifest: 1048576 are allowed',
  });
  const mirror = join(repository.folder, 'mirror.git');
  const kib = Number(execFileSync('du', ['-sk', mirror], { encoding: 'utf8' }).split('\t')[0]);
  console.log(`a file of 50 MB: acted ${tookMs.toFixed(0)} ms after the push, the mirror has ${kib} KiB`);
  expect(kib).toBeLessThan(1024);
});

describe(`${MANY} deployments`, () => {
  const all = (version: number) =>
    Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`model-${index}`, version]));

  it('come with one commit, and a change of one line, or of all, is acted on soon', async () => {
    push(manifests(all(1)));
    const controller = await start(sourceOf(), { pollSeconds: 3600 });
    const firstMs = await controller.until(serves(controller, all(1)), 'all of them');
    const actOn = async (versions: Readonly<Record<string, number>>) => {
      push(manifests(versions));
      controller.poller.pollNow();
      return controller.until(serves(controller, versions), 'the change');
    };
    const oneMs: number[] = [];
    for (let version = 2; version <= 11; version += 1) oneMs.push(await actOn({ 'model-500': version }));
    const allMs = await actOn(all(20));
    oneMs.sort((left, right) => left - right);
    console.log(
      `commit to action with ${MANY} deployments: all new ${firstMs.toFixed(0)} ms; one line ${oneMs[4]?.toFixed(0)} ms (median), ${oneMs.at(-1)?.toFixed(0)} ms (most); all changed ${allMs.toFixed(0)} ms`,
    );
    expect(oneMs.at(-1)).toBeLessThan(2000);
    expect(firstMs).toBeLessThan(30_000);
    expect(allMs).toBeLessThan(30_000);
  });
});

it(`a commit every 100 ms for ${commitSeconds} s: the newest of each deployment wins, and none is lost`, async () => {
  push(manifests({ a: 1, b: 1, c: 1 }));
  const controller = await start(sourceOf(), { pollSeconds: 3600 });
  await controller.until(serves(controller, { a: 1, b: 1, c: 1 }), 'the first versions');
  const secret = 'a secret';
  const fastify = Fastify();
  registerWebhook(fastify, {
    reconciler: controller.reconciler,
    deployedBranch: 'main',
    secret,
    isOpen: false,
    pollNow: () => controller.poller.pollNow(),
  });
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fastify.server.address() as AddressInfo;
  const tellController = async () => {
    const signature = createHmac('sha256', secret).update('{}').digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    return fetch(`http://127.0.0.1:${port}/hooks/git`, { method: 'POST', body: '{}', headers });
  };
  try {
    const committer = repository.committer();
    const newest: Record<string, number> = {};
    const begin = performance.now();
    let version = 1;
    for (; performance.now() - begin < commitSeconds * 1000; version += 1) {
      const name = ['a', 'b', 'c'][version % 3] ?? 'a';
      newest[name] = version;
      committer.commit(`${name}.yaml`, manifest(name, version));
      expect((await tellController()).status).toBe(202);
      await sleep(Math.max(0, begin + version * 100 - performance.now()));
    }
    await committer.end();
    await tellController();
    const tookMs = await controller.until(serves(controller, newest), 'the newest versions');
    const seen = controller.eventsOf('a').filter(({ code }) => code === 'RolloutStarted').length;
    console.log(
      `${version - 1} commits in ${commitSeconds} s: the newest acted on ${tookMs.toFixed(0)} ms after the last; a had ${seen} rollouts`,
    );
    expect(version - 1).toBeGreaterThan(commitSeconds * 9);
    expect(tookMs).toBeLessThan(2000);
  } finally {
    await fastify.close();
  }
});

it('what became of a commit is a note on it, however long notes could not be pushed', async () => {
  repository.writeHook(
    'update',
    '[ "$1" = refs/notes/status ] && [ ! -e "$GIT_DIR/notes-are-welcome" ] && exit 1; exit 0',
  );
  const source = sourceOf();
  const commit = push(manifests({ digits: 1 }));
  const controller = await GitController.start(source);
  controllers.push(controller);
  let failures = 0;
  const reporter = new StatusReporter({
    publisher: source.notesPublisher(),
    scheduler,
    onFailure: () => {
      failures += 1;
    },
  });
  controller.reconciler.onChange((deployment) => reporter.report(deployment));
  reporter.catchUp(controller.reconciler.deployments);
  await controller.until(() => failures > 1, 'a refused note');
  expect(controller.stable).toEqual({ digits: 1 });
  writeFileSync(join(repository.url, 'notes-are-welcome'), '');
  await controller.until(() => reporter.waitingCount === 0, 'the note');
  reporter.stop();
  expect(JSON.parse(repository.onServer('notes', '--ref=status', 'show', commit))).toMatchObject({
    context: 'slipway/default/digits',
    state: 'success',
    description: 'version 1 answers everything',
  });
});
