import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { AliasName, ModelName, Namespace } from '#domain/registry';
import { type ExternalReading, NO_VERSION, type Readiness, type Resolution, type RolloutPlan } from '#domain/rollout';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { settled } from '#testing';
import {
  type Authority,
  type BuildKey,
  type DeploymentRoute,
  type GatewayFleet,
  type JournalEntry,
  type ManifestFile,
  type ManifestParser,
  Reconciler,
  type RollbackCommit,
  type RolloutJournal,
  type SourceRevision,
  type TaggedEntry,
  type VersionCatalogue,
} from './index.ts';

/** What happened outside, in order: the tests are about that order. */
let history: string[];
/** What the plan of every manifest says otherwise. */
let planChange: Partial<RolloutPlan>;
/** Answers the questions of gates that ask somebody, oldest first. */
let questions: ((outcome: ExternalReading['outcome']) => void)[];

/** A repository that a test writes to. */
class Repository {
  revision: SourceRevision = { commit: 'c0', branch: 'main', files: [], strays: [] };
  isDown = false;
  readonly rollbacks: RollbackCommit[] = [];

  write(...manifests: string[]): void {
    const commit = `c${Math.random()}`;
    const files = manifests.map(
      (text, index): ManifestFile => ({ path: `${index}.yaml`, commit, content: { kind: 'text', text } }),
    );
    this.revision = { ...this.revision, commit, files };
  }

  async poll(): Promise<SourceRevision> {
    this.#require();
    return this.revision;
  }

  async commitRollback(rollback: RollbackCommit) {
    this.#require();
    history.push(`git ${rollback.from.version}→${rollback.to.version}`);
    this.rollbacks.push(rollback);
    this.write(`${rollback.name} ${rollback.to.version}`);
    return { kind: 'committed' as const, commit: 'r1' };
  }

  #require(): void {
    if (this.isDown) throw new DomainError('SOURCE_UNAVAILABLE', 'Git is down');
  }
}

/**
 * Manifests of the form "name version" or "name alias", with "+all" for a version policy and "after name" for a dependency, or "name of
 * output" for an ensemble;
 * anything else is wrong.
 */
const parser: ManifestParser = {
  parse: (text) => {
    const [, name, output, version, policy, before, signer] =
      /^(\w+) (?:of (\w+)|(\d+|[a-z]+)(\+all)?(?: after (\w+))?(?: by (\w+))?)$/.exec(text) ?? [];
    if (name === undefined) return [{ kind: 'invalid', namespace: undefined, name: undefined, message: 'is wrong' }];
    const rollout = {
      strategy: 'canary' as const,
      steps: [
        { kind: 'setWeight' as const, weightPercent: 10 },
        { kind: 'analyse' as const, minRequests: 100 },
      ],
      fallbackToStable: true,
      progressDeadlineMs: 60_000,
      gates: [
        { metric: 'error-rate' as const, max: 0.01, against: 'stable' as const, confidence: 0.999, minRequests: 20 },
      ],
      writeBack: 'commit' as const,
      ...(before === undefined ? {} : { dependsOn: [before as ModelName] }),
      ...planChange,
    };
    const allAtOnce = { ...rollout, strategy: 'allAtOnce' as const, gates: [], writeBack: 'none' as const };
    const tensor = { name: output ?? '', datatype: 'FP32' as const, shape: [-1] };
    const spec = {
      namespace: 'default' as Namespace,
      name: name as ModelName,
      model: name as ModelName,
      ...(output === undefined ? {} : { ensemble: { inputs: [tensor], outputs: [tensor], steps: [] } }),
      ...(signer === undefined ? {} : { signedBy: [signer] }),
      ...(policy === undefined ? {} : { versionPolicy: { kind: 'all' as const } }),
      deadlineMs: 1000,
      maxConcurrency: 8,
      rollout: output === undefined ? rollout : allAtOnce,
    };
    const named =
      version !== undefined && /^[a-z]/.test(version)
        ? { alias: version as AliasName }
        : { version: Number(version ?? NO_VERSION) };
    return [{ kind: 'deployment', spec: { ...spec, ...named }, specHash: text }];
  },
};

class Fleet implements GatewayFleet {
  readonly traffic = new Map<string, TrafficCounts>();
  readonly notReady = new Map<number, Readiness>();
  readonly tripped = new Map<string, string>();
  readonly attachedCount = 1;
  routes: readonly DeploymentRoute[] = [];
  #listener = () => {};

  publish(routes: readonly DeploymentRoute[]): void {
    const told = routes.map(
      (route) =>
        `${route.name} ${route.stable?.servable.version ?? '-'}/${route.candidate?.servable.version ?? '-'}@${route.candidateWeightPercent}`,
    );
    history.push(`routes ${told.join(' ')}`.trim());
    this.routes = routes;
  }
  readinessOf({ build }: BuildKey): Readiness {
    return this.notReady.get(Number(build.split('@')[1])) ?? { kind: 'ready' };
  }
  pinnedReadinessOf(): Readiness {
    return { kind: 'ready' };
  }
  trafficOf({ build }: BuildKey): TrafficCounts {
    return this.traffic.get(build) ?? NO_TRAFFIC;
  }
  trippedBy(rolloutId: string): string | undefined {
    return this.tripped.get(rolloutId);
  }
  onReport(listener: () => void): void {
    this.#listener = listener;
  }
  report(build?: string, counts?: TrafficCounts): void {
    if (build !== undefined && counts !== undefined) this.traffic.set(build, counts);
    this.#listener();
  }
}

class Journal implements RolloutJournal {
  readonly kept = new Map<string, TaggedEntry>();
  isDown = false;
  #writes = 0;

  async loadAll(): Promise<readonly TaggedEntry[]> {
    return [...this.kept.values()];
  }
  async takeOver(): Promise<readonly TaggedEntry[]> {
    if (this.isDown) throw new DomainError('STORE_UNAVAILABLE', 'the bucket is down');
    for (const [name, { entry }] of this.kept) this.kept.set(name, { entry, etag: this.#nextTag() });
    return this.loadAll();
  }
  async load(_namespace: string, name: string): Promise<TaggedEntry | undefined> {
    return this.kept.get(name);
  }
  async save(entry: JournalEntry, etag: string | undefined): Promise<string> {
    if (this.isDown) throw new DomainError('STORE_UNAVAILABLE', 'the bucket is down');
    if (this.kept.get(entry.name)?.etag !== etag) throw new DomainError('PRECONDITION_FAILED', 'lost');
    history.push(`journal ${entry.name}`);
    const tag = this.#nextTag();
    this.kept.set(entry.name, { entry: structuredClone(entry), etag: tag });
    return tag;
  }
  async remove(_namespace: string, name: string): Promise<void> {
    this.kept.delete(name);
  }
  #nextTag(): string {
    this.#writes += 1;
    return String(this.#writes);
  }
}

let repository: Repository;
let fleet: Fleet;
let journal: Journal;
let registered: Set<string>;
/** Versions that nobody has signed who must have. */
let unsigned: Set<string>;
/** Those that the others have. */
let bundles: string[];
let aliases: Map<string, number>;
let isRegistryDown: boolean;
let retries: (() => void)[];
let failures: string[];
let authority: Authority;
let fencings: string[];

const servable = (model: string, version: number) => ({
  namespace: 'default' as Namespace,
  model: model as ModelName,
  version,
  signature: { inputs: [], outputs: [] },
  variants: [],
});

const catalogue: VersionCatalogue = {
  resolve: async (_namespace, model, version, signedBy): Promise<Resolution> => {
    if (isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
    if (unsigned.has(`${model} ${version}`)) return { kind: 'missing', reason: 'not signed', isUnsigned: true };
    return registered.has(`${model} ${version}`)
      ? {
          kind: 'found',
          servable: { ...servable(model, version), ...(signedBy && { signing: { signedBy, bundles } }) },
        }
      : { kind: 'missing', reason: `${model} has no version ${version}` };
  },
  resolveAlias: async (namespace, model, alias) => {
    if (isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
    const version = aliases.get(`${model} ${alias}`);
    if (version !== undefined) return catalogue.resolve(namespace, model, version);
    return { kind: 'missing', reason: `${model} has no alias ${alias}` };
  },
  select: async (_namespace, model, _policy, limit) => {
    if (isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
    const versions = [...registered]
      .flatMap((key) => (key.startsWith(`${model} `) ? [Number(key.split(' ')[1])] : []))
      .sort((left, right) => right - left);
    const servables = versions.slice(0, limit).map((version) => servable(model, version));
    return { kind: 'found', servables, totalCount: versions.length, missing: [] };
  },
};

async function open(): Promise<Reconciler> {
  const reconciler = new Reconciler({
    source: repository,
    parser,
    fleet,
    catalogue,
    journal,
    scheduler: {
      nowMs: () => 1000,
      after: (_delayMs, task) => {
        retries.push(task);
        return () => {
          retries = retries.filter((other) => other !== task);
        };
      },
    },
    gateProvider: { ask: () => new Promise((answer) => questions.push(answer)) },
    authority: () => authority,
    onFenced: (reason) => fencings.push(reason),
    onFailure: (what) => failures.push(what),
  });
  await reconciler.start();
  return reconciler;
}

const runRetries = async () => {
  for (const task of retries.splice(0)) task();
  await settled();
};
const commit = async (reconciler: Reconciler, ...manifests: string[]) => {
  repository.write(...manifests);
  await reconciler.poll();
  await settled();
};
const eventsOf = (reconciler: Reconciler, name: string) =>
  reconciler.require('default', name).entry.events.map((event) => event.code);

beforeEach(() => {
  history = [];
  planChange = {};
  questions = [];
  repository = new Repository();
  fleet = new Fleet();
  journal = new Journal();
  registered = new Set(['m 1', 'm 2', 'm 3', 'n 1']);
  unsigned = new Set();
  bundles = ['{}'];
  aliases = new Map([['m champion', 1]]);
  isRegistryDown = false;
  retries = [];
  failures = [];
  authority = 'full';
  fencings = [];
});

const BROKEN: TrafficCounts = { requests: 5, serverErrors: 5, firstErrorAtMs: 900, lastError: 'no such index' };

describe('Reconciler', () => {
  it('brings a commit to the gateways, and a better version after it', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    expect(fleet.routes[0]).toMatchObject({ candidateWeightPercent: 10, candidate: { servable: { version: 2 } } });
    fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await settled();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('moves the traffic in the same turn as the report, then the journal, then Git', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    history = [];
    fleet.report('m@2', BROKEN);
    expect(history).toEqual(['routes m 1/-@0']);
    await settled();
    expect(history.slice(0, 2)).toEqual(['routes m 1/-@0', 'journal m']);
    expect(history).toContain('git 2→1');
    expect(history.indexOf('journal m')).toBeLessThan(history.indexOf('git 2→1'));
    expect(repository.rollbacks).toMatchObject([
      {
        from: { version: 2 },
        to: { version: 1 },
        trailers: { 'Slipway-Evidence': expect.stringContaining('requests=5 errors=5') },
      },
    ]);
  });

  it('rolls back while Git and the bucket are down, and writes it when they are back', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    repository.isDown = true;
    journal.isDown = true;
    fleet.report('m@2', BROKEN);
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    await settled();
    expect(repository.rollbacks).toEqual([]);
    repository.isDown = false;
    journal.isDown = false;
    for (let round = 0; round < 3; round += 1) await runRetries();
    expect(repository.rollbacks).toHaveLength(1);
    expect(journal.kept.get('m')?.entry).toMatchObject({ writeBack: { state: 'committed', commit: 'r1' } });
  });

  it('does not try the commit again that it rolled back, after a restart neither', async () => {
    const first = await open();
    await commit(first, 'm 1');
    await commit(first, 'm 2');
    fleet.report('m@2', BROKEN);
    await settled();
    await first.stop();
    const second = await open();
    await commit(second, 'm 2');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(eventsOf(second, 'm')).toContain('SPEC_REJECTED');
  });

  it('goes on with a rollout after a restart where it was, from the journal alone', async () => {
    const first = await open();
    await commit(first, 'm 1');
    await commit(first, 'm 2');
    await first.stop();
    repository.isDown = true;
    history = [];
    await open();
    expect(history[0]).toBe('routes m 1/2@10');
    fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await settled();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } } });
  });

  it('begins a rollout when what it depends on serves what Git says', async () => {
    const reconciler = await open();
    await commit(reconciler, 'n 1', 'm 1');
    registered.add('n 2');
    fleet.notReady.set(2, { kind: 'loading' });
    await commit(reconciler, 'n 2', 'm 2 after n');
    expect(reconciler.require('default', 'm')).toMatchObject({ note: 'waits until n is healthy' });
    fleet.notReady.clear();
    fleet.report();
    await settled();
    fleet.report('n@2', { requests: 100, serverErrors: 0 });
    await settled();
    fleet.report();
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('says which deployments wait for each other', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1 after n', 'n 1 after m');
    const told = reconciler.require('default', 'n').entry.events;
    expect(told).toEqual([expect.objectContaining({ code: 'DEPENDENCY_CIRCLE' })]);
    expect(told[0]?.message).toContain('n waits for m waits for n');
  });

  it('rolls back what a gateway took out by itself', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    fleet.tripped.set('default.m.2', 'gateway-7');
    fleet.report('m@2', { requests: 3, serverErrors: 1 });
    const { lastRollout } = reconciler.require('default', 'm').state;
    expect(lastRollout).toMatchObject({ outcome: 'rolledBack', reason: expect.stringContaining('gateway-7') });
  });

  it('tries again what was rolled back when a person says so, and refuses where there is nothing to try', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    expect(() => reconciler.command('default', 'm', 'retry')).toThrow('nothing to retry');
    await commit(reconciler, 'm 2');
    repository.isDown = true;
    fleet.report('m@2', BROKEN);
    expect(reconciler.require('default', 'm').state.candidate).toBeUndefined();
    fleet.traffic.clear();
    reconciler.command('default', 'm', 'retry');
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('keeps a deployment as it is while its manifest is wrong, and says so once', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    for (let poll = 0; poll < 3; poll += 1) await commit(reconciler, 'nonsense');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'MANIFEST_INVALID')).toHaveLength(3);
    await reconciler.poll();
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'MANIFEST_INVALID')).toHaveLength(3);
  });

  it('waits for a version that is not registered, and heals when it is', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 9');
    expect(eventsOf(reconciler, 'm')).toEqual(['MODEL_VERSION_NOT_FOUND']);
    registered.add('m 9');
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 9 } } });
  });

  it('waits for a version that is not signed, keeps what it serves, and goes on when it is', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    unsigned.add('m 2');
    await commit(reconciler, 'm 2');
    expect(eventsOf(reconciler, 'm').at(-1)).toBe('VERSION_NOT_SIGNED');
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    unsigned.delete('m 2');
    await runRetries();
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('takes up the signatures that a version has by then, when it is tried again', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2 by release');
    expect(fleet.routes[0]?.candidate?.servable.signing?.bundles).toEqual(['{}']);
    repository.isDown = true;
    fleet.report('m@2', BROKEN);
    expect(reconciler.require('default', 'm').state.candidate).toBeUndefined();
    fleet.traffic.clear();
    bundles = ['{}', '[]'];
    reconciler.command('default', 'm', 'retry');
    await runRetries();
    expect(fleet.routes[0]?.candidate?.servable.signing?.bundles).toEqual(['{}', '[]']);
  });

  it('serves the first of two manifests of one name, and names the other', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1', 'm 2');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(eventsOf(reconciler, 'm')).toContain('MANIFEST_DUPLICATE');
  });

  it('takes a deployment away with its manifest, and keeps the others', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1', 'n 1');
    await commit(reconciler, 'n 1');
    expect(fleet.routes.map((route) => route.name)).toEqual(['n']);
    await reconciler.stop();
    expect([...journal.kept.keys()]).toEqual(['n']);
  });

  it('serves on when the branch has no commit any more: a lost repository is no order', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    repository.revision = { commit: undefined, branch: 'main', files: [], strays: [] };
    await reconciler.poll();
    expect(fleet.routes).toHaveLength(1);
  });

  it('refuses a command where there is nothing to do', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    expect(() => reconciler.command('default', 'm', 'promote')).toThrow(/no rollout in progress/);
    expect(() => reconciler.command('default', 'x', 'abort')).toThrow(/there is no deployment x/);
  });

  it('takes a write whose answer was lost for its own', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    const save = journal.save.bind(journal);
    journal.save = async (entry, etag) => {
      await save(entry, etag);
      journal.save = save;
      throw new DomainError('PRECONDITION_FAILED', 'the answer was lost, and the retry met our own write');
    };
    await commit(reconciler, 'm 2');
    fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await reconciler.stop();
    expect(journal.kept.get('m')?.entry.state.stable?.servable.version).toBe(2);
    expect(failures).toEqual([]);
  });
});

describe('a controller among others', () => {
  it('gives traffic when the journal has the decision, and goes no further before', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    journal.isDown = true;
    await commit(reconciler, 'm 2');
    expect(fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } }, candidateWeightPercent: 0 });
    fleet.report('m@2', { requests: 100, serverErrors: 0 });
    expect(reconciler.require('default', 'm').state.candidate).toMatchObject({ weightPercent: 0 });
    journal.isDown = false;
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ candidateWeightPercent: 10 });
    expect(journal.kept.get('m')?.entry.state.candidate).toMatchObject({ weightPercent: 10 });
  });

  it('tells who gave a command, before what came of it', async () => {
    const ada = { kind: 'user', id: 'ada', credential: 'token' };
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    reconciler.command('default', 'm', 'abort', ada);
    await settled();
    const events = journal.kept.get('m')?.entry.events ?? [];
    expect(events.filter(({ code }) => /^(Commanded|Aborted)$/.test(code))).toMatchObject([
      { code: 'Commanded', message: 'ada asks to abort it', actor: 'ada', principal: ada, version: 2 },
      { code: 'Aborted', version: 2 },
    ]);
    expect(events.filter(({ principal }) => principal !== undefined)).toHaveLength(1);
    expect(() => reconciler.command('default', 'm', 'promote', ada)).toThrow(/no rollout in progress/);
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'Commanded')).toHaveLength(1);
  });

  it('keeps a command that comes while the journal is behind', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    journal.isDown = true;
    await commit(reconciler, 'm 2');
    reconciler.command('default', 'm', 'promoteFully');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    journal.isDown = false;
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('that ended before the journal had its rollback is followed by one that rolls back, too', async () => {
    const first = await open();
    await commit(first, 'm 1');
    await commit(first, 'm 2');
    journal.isDown = true;
    fleet.report('m@2', BROKEN);
    expect(fleet.routes[0]).toMatchObject({ candidate: undefined });
    first.resign();
    journal.isDown = false;
    history = [];
    await open();
    await settled();
    expect(history[0]).toBe('routes m 1/-@0');
    expect(repository.rollbacks).toHaveLength(1);
  });

  it('ends its term when somebody else writes the journal, and writes nothing more', async () => {
    const old = await open();
    await commit(old, 'm 1');
    await commit(old, 'm 2');
    const present = await open();
    const kept = structuredClone(journal.kept.get('m'));
    old.command('default', 'm', 'abort');
    await settled();
    await runRetries();
    expect(fencings).toEqual(['somebody else writes the journal of default/m']);
    expect(journal.kept.get('m')).toEqual(kept);
    expect(present.require('default', 'm').state.candidate).toBeDefined();
  });

  it('that may only protect takes traffic from a bad candidate, and records it when it may again', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    const kept = structuredClone(journal.kept.get('m'));
    authority = 'protective';
    history = [];
    fleet.report('m@2', BROKEN);
    await settled();
    await runRetries();
    expect(history).toEqual(['routes m 1/2@0']);
    expect(journal.kept.get('m')).toEqual(kept);
    expect(repository.rollbacks).toEqual([]);
    authority = 'full';
    reconciler.resume();
    await settled();
    expect(history.slice(0, 3)).toEqual(['routes m 1/2@0', 'routes m 1/-@0', 'journal m']);
    expect(repository.rollbacks).toHaveLength(1);
  });

  it('that may only protect starts, advances and removes nothing, and promotes for nobody', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    authority = 'protective';
    history = [];
    fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await commit(reconciler, 'n 1');
    expect(() => reconciler.command('default', 'm', 'promote')).toThrow(/could not renew its lease/);
    await runRetries();
    expect(history).toEqual([]);
  });

  it('that may only protect aborts for a person, and remembers it until it can be recorded', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    authority = 'protective';
    reconciler.command('default', 'm', 'abort');
    expect(fleet.routes[0]).toMatchObject({ candidateWeightPercent: 0 });
    authority = 'full';
    reconciler.resume();
    await settled();
    expect(reconciler.require('default', 'm').state.lastRollout).toMatchObject({ outcome: 'aborted' });
  });

  it('gives a candidate its traffic back that was only suspected', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    authority = 'protective';
    fleet.notReady.set(2, { kind: 'failed', error: 'it is being replaced' });
    fleet.report();
    expect(fleet.routes[0]).toMatchObject({ candidateWeightPercent: 0 });
    fleet.notReady.delete(2);
    authority = 'full';
    reconciler.resume();
    expect(fleet.routes[0]).toMatchObject({ candidateWeightPercent: 10 });
  });

  it('does nothing in the next term for what began in the one before', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    isRegistryDown = true;
    await commit(reconciler, 'm 2');
    reconciler.resign();
    expect(reconciler.deployments).toEqual([]);
    await reconciler.start(2);
    history = [];
    isRegistryDown = false;
    const stale = retries.splice(0, 1);
    for (const task of stale) task();
    await settled();
    expect(history).toEqual([]);
    await runRetries();
    expect(history).toContain('routes m 1/2@0');
  });

  it('does not try more often the more there is to write', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    journal.isDown = true;
    await commit(reconciler, 'm 2');
    for (let change = 0; change < 20; change += 1) {
      await commit(reconciler, `nonsense ${change}`);
      await runRetries();
    }
    expect(retries.length).toBeLessThan(3);
  });
});

describe('ensembles', () => {
  const failed: Readiness = { kind: 'failed', error: 'ENSEMBLE_INVALID: a is not served' };

  it('are served without the registry, each under a number of its own, and take the place of versions', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm of x');
    expect(fleet.routes).toMatchObject([
      { stable: { servable: { version: 1 }, ensemble: { inputs: [{ name: 'x' }] } } },
    ]);
    await commit(reconciler, 'm of y');
    expect(fleet.routes).toMatchObject([
      { stable: { servable: { version: 2 }, ensemble: { inputs: [{ name: 'y' }] } } },
    ]);
    await commit(reconciler, 'm 3');
    expect(fleet.routes).toMatchObject([{ candidate: { servable: { version: 3 }, ensemble: undefined } }]);
    expect(repository.rollbacks).toEqual([]);
  });

  it('leave the one before in place while they do not fit, say so once, and come up when they do', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm of x');
    fleet.notReady.set(2, failed);
    await commit(reconciler, 'm of y');
    expect(history).toContain('routes m 1/2@0');
    expect(eventsOf(reconciler, 'm')).not.toContain('ENSEMBLE_INVALID');
    await runRetries();
    fleet.report();
    await runRetries();
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'ENSEMBLE_INVALID')).toHaveLength(1);
    expect(fleet.routes).toMatchObject([{ stable: { servable: { version: 1 } } }]);
    fleet.notReady.delete(2);
    fleet.report();
    await settled();
    expect(fleet.routes).toMatchObject([{ stable: { servable: { version: 2 } }, candidate: undefined }]);
  });

  it('that come together with their parts are told of only when they do not fit after a while', async () => {
    const reconciler = await open();
    fleet.notReady.set(1, failed);
    await commit(reconciler, 'm of x');
    fleet.notReady.delete(1);
    fleet.report();
    await runRetries();
    expect(eventsOf(reconciler, 'm')).toEqual(['RolloutStarted', 'Promoted']);
  });

  it('go on from the journal', async () => {
    await commit(await open(), 'm of x');
    await settled();
    const again = await open();
    expect(again.require('default', 'm').route(fleet)).toMatchObject({
      stable: { ensemble: { inputs: [{ name: 'x' }] } },
    });
  });
});

describe('a manifest that names an alias', () => {
  it('serves the version that it points at when the commit is taken, whatever becomes of the alias', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm champion');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    aliases.set('m champion', 2);
    await reconciler.poll();
    await settled();
    await reconciler.stop();
    const restarted = await open();
    await restarted.poll();
    await settled();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    await commit(restarted, 'm champion');
    expect(fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } } });
    expect(restarted.require('default', 'm').entry.desired).toMatchObject({
      specHash: 'm champion@2',
      spec: { version: 2, alias: 'champion' },
    });
  });

  it('leaves what is desired in force while the registry is down or has no such alias', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    isRegistryDown = true;
    await commit(reconciler, 'm challenger');
    isRegistryDown = false;
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(eventsOf(reconciler, 'm').at(-1)).toBe('ALIAS_NOT_FOUND');
    aliases.set('m challenger', 3);
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 3 } } });
  });

  it('says what is missing when nothing was served before', async () => {
    const reconciler = await open();
    await commit(reconciler, 'n champion');
    expect(reconciler.require('default', 'n').note).toBe('n has no alias champion');
  });

  it('follows a newer commit instead, even one that comes while it waits', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm challenger');
    await commit(reconciler, 'm 2');
    aliases.set('m challenger', 3);
    await runRetries();
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('is rolled back by the text that stands in Git, and tried again when the alias has moved', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    aliases.set('m champion', 2);
    await commit(reconciler, 'm champion');
    repository.isDown = true;
    fleet.report('m@2', BROKEN);
    repository.isDown = false;
    await runRetries();
    expect(repository.rollbacks).toMatchObject([
      { from: { version: 2 }, to: { version: 1 }, rejectedSpecHash: 'm champion' },
    ]);
    await commit(reconciler, 'm champion');
    expect(fleet.routes[0]).toMatchObject({ candidate: undefined });
    aliases.set('m champion', 3);
    await commit(reconciler, 'm champion');
    expect(fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 3 } } });
  });
});

describe('a version policy', () => {
  const pinnedOf = () => fleet.routes[0]?.pinned.map(({ servable: { version } }) => version);

  it('has versions served by name beside stable and the candidate, as they were at the commit', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual([3, 2]);
    await commit(reconciler, 'm 3+all');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(pinnedOf()).toEqual([2]);
    registered.add('m 4');
    await reconciler.poll();
    await settled();
    expect(pinnedOf()).toEqual([2]);
    await commit(reconciler, 'm 3+all');
    expect(pinnedOf()).toEqual([4, 2]);
    await commit(reconciler, 'm 3');
    expect(pinnedOf()).toEqual([]);
  });

  it('is kept in the journal: a restart without the registry serves the same', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1+all');
    await reconciler.stop();
    isRegistryDown = true;
    fleet.routes = [];
    await open();
    expect(pinnedOf()).toEqual([3, 2]);
  });

  it('is carried out when the registry is back, and holds nothing up', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    isRegistryDown = true;
    await commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual([]);
    isRegistryDown = false;
    await runRetries();
    expect(pinnedOf()).toEqual([3, 2]);
  });

  it('is cut at the limit, and says so', async () => {
    for (let version = 4; version <= 20; version += 1) registered.add(`m ${version}`);
    const reconciler = await open();
    await commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual(Array.from({ length: 16 }, (_, index) => 20 - index));
    expect(reconciler.require('default', 'm').entry.events).toContainEqual(
      expect.objectContaining({
        code: 'VersionsCut',
        message: expect.stringContaining('of 20 versions the newest 16'),
      }),
    );
  });
});

describe('Reconciler, with a gate that asks somebody else', () => {
  const answer = async (verdict: 'pass' | 'fail' | 'hold') => {
    for (const take of questions.splice(0)) take({ kind: 'verdict', verdict, reason: `it says ${verdict}` });
    await settled();
  };
  const enough = { requests: 100, serverErrors: 0 };

  beforeEach(() => {
    planChange = {
      gates: [{ metric: 'http', url: 'https://hooks.example/', intervalMs: 1000, consecutive: 1, onNoData: 'hold' }],
    };
  });

  it('asks once the candidate gets traffic, and rolls back in the turn of a bad answer', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    fleet.notReady.set(2, { kind: 'loading' });
    await commit(reconciler, 'm 2');
    expect(questions).toHaveLength(0);
    fleet.notReady.delete(2);
    fleet.report();
    await settled();
    expect(questions).toHaveLength(1);
    await answer('fail');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(reconciler.require('default', 'm').state.lastRollout?.reason).toBe('http: it says fail');
    expect(repository.rollbacks).toHaveLength(1);
  });

  it.each([
    ['hold', { kind: 'verdict', verdict: 'hold', reason: 'not yet' }, 'frozen: http: not yet'],
    ['no data', { kind: 'noData', reason: 'no series' }, 'frozen: http: no data: no series'],
  ] as const)('goes no further on %s, and on when there is a good answer', async (_name, outcome, note) => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    for (const take of questions.splice(0)) take(outcome);
    await settled();
    fleet.report('m@2', enough);
    expect(reconciler.require('default', 'm').note).toBe(note);
    expect(fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } } });
    // The next question is due.
    await runRetries();
    await answer('pass');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('judges a rollout by no answers of the one before', async () => {
    const errorRate = {
      metric: 'error-rate',
      max: 0.01,
      against: 'stable',
      confidence: 0.999,
      minRequests: 20,
    } as const;
    const gates = [...(planChange.gates ?? []), errorRate];
    planChange = { steps: [{ kind: 'setWeight', weightPercent: 10 }], gates };
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    await answer('pass');
    fleet.traffic.set('m@3', enough);
    await commit(reconciler, 'm 3');
    const untilAsked = { stable: { servable: { version: 1 } }, candidate: { servable: { version: 3 } } };
    expect(fleet.routes[0]).toMatchObject(untilAsked);
    await answer('pass');
    expect(fleet.routes[0]).toMatchObject({ stable: { servable: { version: 3 } }, candidate: undefined });
  });

  it('asks nothing more about a deployment that was removed', async () => {
    const reconciler = await open();
    await commit(reconciler, 'm 1');
    await commit(reconciler, 'm 2');
    await commit(reconciler, 'n 1');
    await answer('fail');
    await runRetries();
    expect(questions).toHaveLength(0);
    expect(failures).toEqual([]);
  });
});
