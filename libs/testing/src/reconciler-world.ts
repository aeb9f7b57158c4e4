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
} from '#application/rollout';
import { DomainError } from '#domain/errors';
import type { AliasName, ModelName, Namespace } from '#domain/registry';
import { type ExternalReading, NO_VERSION, type Readiness, type Resolution, type RolloutPlan } from '#domain/rollout';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { settled } from './manual-clock.ts';

/** Everything around a reconciler, as a test has it: what is down, what is registered, and what came of it. */
export class ReconcilerWorld {
  /** What happened outside, in order: the tests are about that order. */
  history: string[] = [];
  /** What the plan of every manifest says otherwise. */
  planChange: Partial<RolloutPlan> = {};
  /** Answers the questions of gates that ask somebody, oldest first. */
  readonly questions: ((outcome: ExternalReading['outcome']) => void)[] = [];
  readonly repository = new Repository((event) => this.history.push(event));
  readonly fleet = new Fleet((event) => this.history.push(event));
  readonly journal = new Journal((event) => this.history.push(event));
  readonly registered = new Set(['m 1', 'm 2', 'm 3', 'n 1']);
  /** Versions that nobody has signed who must have. */
  readonly unsigned = new Set<string>();
  /** Those that the others have. */
  bundles = ['{}'];
  readonly aliases = new Map([['m champion', 1]]);
  isRegistryDown = false;
  retries: (() => void)[] = [];
  readonly failures: string[] = [];
  authority: Authority = 'full';
  readonly fencings: string[] = [];

  /** A reconciler whose term has begun. */
  async open(): Promise<Reconciler> {
    const reconciler = new Reconciler({
      source: this.repository,
      parser: { parse: (text) => parseManifest(text, this.planChange) },
      fleet: this.fleet,
      catalogue: this.#catalogue,
      journal: this.journal,
      scheduler: {
        nowMs: () => 1000,
        after: (_delayMs, task) => {
          this.retries.push(task);
          return () => {
            this.retries = this.retries.filter((other) => other !== task);
          };
        },
      },
      gateProvider: { ask: () => new Promise((answer) => this.questions.push(answer)) },
      authority: () => this.authority,
      onFenced: (reason) => this.fencings.push(reason),
      onFailure: (what) => this.failures.push(what),
    });
    await reconciler.start();
    return reconciler;
  }

  /** Does now what waits for a time. */
  async runRetries(): Promise<void> {
    for (const task of this.retries.splice(0)) task();
    await settled();
  }

  /** Has the manifests in Git, and the reconciler look there. */
  async commit(reconciler: Reconciler, ...manifests: string[]): Promise<void> {
    this.repository.write(...manifests);
    await reconciler.poll();
    await settled();
  }

  readonly #catalogue: VersionCatalogue = {
    resolve: async (_namespace, model, version, signedBy): Promise<Resolution> => {
      if (this.isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
      const named = `${model} ${version}`;
      if (this.unsigned.has(named)) return { kind: 'missing', reason: 'not signed', isUnsigned: true };
      if (!this.registered.has(named)) return { kind: 'missing', reason: `${model} has no version ${version}` };
      const signing = signedBy && { signing: { signedBy, bundles: this.bundles } };
      return { kind: 'found', servable: { ...servable(model, version), ...signing } };
    },
    resolveAlias: async (namespace, model, alias) => {
      if (this.isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
      const version = this.aliases.get(`${model} ${alias}`);
      if (version !== undefined) return this.#catalogue.resolve(namespace, model, version);
      return { kind: 'missing', reason: `${model} has no alias ${alias}` };
    },
    select: async (_namespace, model, _policy, limit) => {
      if (this.isRegistryDown) return { kind: 'unknown', reason: 'the registry is down' };
      const versions = [...this.registered]
        .flatMap((key) => (key.startsWith(`${model} `) ? [Number(key.split(' ')[1])] : []))
        .sort((left, right) => right - left);
      const servables = versions.slice(0, limit).map((version) => servable(model, version));
      return { kind: 'found', servables, totalCount: versions.length, missing: [] };
    },
  };
}

/** The codes of a deployment's events, the oldest first. */
export const eventsOf = (reconciler: Reconciler, name: string): string[] =>
  reconciler.require('default', name).entry.events.map((event) => event.code);

const servable = (model: string, version: number) => ({
  namespace: 'default' as Namespace,
  model: model as ModelName,
  version,
  signature: { inputs: [], outputs: [] },
  variants: [],
});

/** A repository that a test writes to. */
class Repository {
  readonly #tell: (event: string) => void;
  revision: SourceRevision = { commit: 'c0', branch: 'main', files: [], strays: [] };
  isDown = false;
  readonly rollbacks: RollbackCommit[] = [];

  constructor(tell: (event: string) => void) {
    this.#tell = tell;
  }

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
    this.#tell(`git ${rollback.from.version}→${rollback.to.version}`);
    this.rollbacks.push(rollback);
    this.write(`${rollback.name} ${rollback.to.version}`);
    return { kind: 'committed' as const, commit: 'r1' };
  }

  #require(): void {
    if (this.isDown) throw new DomainError('SOURCE_UNAVAILABLE', 'Git is down');
  }
}

/**
 * Manifests of the form "name version" or "name alias", with "+all" for a version policy, "after name" for a dependency and "by name" for a
 * signer, or "name of output" for an ensemble; anything else is wrong.
 */
const parseManifest = (text: string, planChange: Partial<RolloutPlan>): ReturnType<ManifestParser['parse']> => {
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
};

class Fleet implements GatewayFleet {
  readonly traffic = new Map<string, TrafficCounts>();
  readonly notReady = new Map<number, Readiness>();
  readonly tripped = new Map<string, string>();
  readonly attachedCount = 1;
  routes: readonly DeploymentRoute[] = [];
  readonly #tell: (event: string) => void;
  #listener = () => {};

  constructor(tell: (event: string) => void) {
    this.#tell = tell;
  }

  publish(routes: readonly DeploymentRoute[]): void {
    const told = routes.map(
      (route) =>
        `${route.name} ${route.stable?.servable.version ?? '-'}/${route.candidate?.servable.version ?? '-'}@${route.candidateWeightPercent}`,
    );
    this.#tell(`routes ${told.join(' ')}`.trim());
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
  readonly #tell: (event: string) => void;
  #writes = 0;

  constructor(tell: (event: string) => void) {
    this.#tell = tell;
  }

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
    this.#tell(`journal ${entry.name}`);
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
