import { setTimeout as sleep } from 'node:timers/promises';
import { YamlManifestParser } from '#adapters/json-schema';
import { createLogger } from '#adapters/telemetry';
import {
  type BuildKey,
  type DeploymentRoute,
  type GatewayFleet,
  type JournalEntry,
  type ManifestSource,
  Reconciler,
  type RolloutJournal,
  type Scheduler,
  type SourceNotice,
  type TaggedEntry,
  type VersionCatalogue,
} from '#application/rollout';
import { DomainError } from '#domain/errors';
import type { ModelName, Namespace } from '#domain/registry';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { GitPoller } from '../../apps/controller/git-poller.ts';

/** Time as the programs have it. */
export const scheduler: Scheduler = {
  nowMs: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Gateways on which every version is ready at once. */
class ReadyFleet implements GatewayFleet {
  readonly traffic = new Map<string, TrafficCounts>();
  readonly attachedCount = 1;
  routes = new Map<string, DeploymentRoute>();
  #report = () => {};

  publish(routes: readonly DeploymentRoute[]): void {
    this.routes = new Map(routes.map((route) => [route.name, route]));
  }
  readinessOf() {
    return { kind: 'ready' as const };
  }
  pinnedReadinessOf() {
    return { kind: 'ready' as const };
  }
  trafficOf({ name, build }: BuildKey): TrafficCounts {
    return this.traffic.get(`${name} ${build}`) ?? NO_TRAFFIC;
  }
  trippedBy(): undefined {}
  onReport(listener: () => void): void {
    this.#report = listener;
  }
  /** @param version of a deployment that has the name of its model. */
  report(name: string, version: number, counts: TrafficCounts): void {
    this.traffic.set(`${name} ${name}@${version}`, counts);
    this.#report();
  }
}

/** A registry that has every version. */
const catalogue: VersionCatalogue = {
  resolve: async (namespace, model, version) => ({
    kind: 'found',
    servable: {
      namespace: namespace as Namespace,
      model: model as ModelName,
      version,
      signature: { inputs: [], outputs: [] },
      variants: [],
    },
  }),
  resolveAlias: async (_namespace, model) => ({ kind: 'missing', reason: `${model} has no aliases` }),
  select: async () => ({ kind: 'found', servables: [], totalCount: 0, missing: [] }),
};

/** What outlives a restart of the controller. */
export class KeptJournal implements RolloutJournal {
  readonly #kept = new Map<string, TaggedEntry>();
  #writes = 0;

  async loadAll(): Promise<readonly TaggedEntry[]> {
    return [...this.#kept.values()];
  }
  async takeOver(): Promise<readonly TaggedEntry[]> {
    return this.loadAll();
  }
  async load(_namespace: string, name: string): Promise<TaggedEntry | undefined> {
    return this.#kept.get(name);
  }
  async save(entry: JournalEntry, etag: string | undefined): Promise<string> {
    if (this.#kept.get(entry.name)?.etag !== etag) throw new DomainError('PRECONDITION_FAILED', 'lost');
    this.#writes += 1;
    this.#kept.set(entry.name, { entry, etag: String(this.#writes) });
    return String(this.#writes);
  }
  async remove(_namespace: string, name: string): Promise<void> {
    this.#kept.delete(name);
  }
}

/** The controller's loop on a real repository, with gateways and a registry that always do their part. */
export class GitController {
  readonly reconciler: Reconciler;
  readonly fleet = new ReadyFleet();
  readonly notices: SourceNotice[] = [];
  readonly poller: GitPoller;

  private constructor(source: ManifestSource, journal: KeptJournal, pollSeconds: number) {
    this.reconciler = new Reconciler({
      source,
      parser: new YamlManifestParser(),
      fleet: this.fleet,
      catalogue,
      journal,
      scheduler,
      gateProvider: { ask: async () => ({ kind: 'noData', reason: 'nobody is asked' }) },
      onFailure: () => {},
      onNotice: (notice) => this.notices.push(notice),
    });
    this.poller = new GitPoller(this.reconciler, pollSeconds, createLogger('test', 'fatal'));
  }

  static async start(
    source: ManifestSource,
    {
      journal = new KeptJournal(),
      pollSeconds = 0.2,
    }: { readonly journal?: KeptJournal; readonly pollSeconds?: number } = {},
  ): Promise<GitController> {
    const controller = new GitController(source, journal, pollSeconds);
    await controller.reconciler.start();
    controller.poller.start();
    return controller;
  }

  async stop(): Promise<void> {
    await this.poller.stop();
    await this.reconciler.stop();
  }

  /** The versions that answer, by deployment. */
  get stable(): Record<string, number | undefined> {
    return Object.fromEntries([...this.fleet.routes].map(([name, route]) => [name, route.stable?.servable.version]));
  }

  eventsOf(name: string): { readonly code: string; readonly message: string; readonly commit?: string }[] {
    return [...this.reconciler.require('default', name).entry.events];
  }

  hasEvent(name: string, code: string): boolean {
    return this.eventsOf(name).some((event) => event.code === code);
  }

  /** Milliseconds until something holds. */
  async until(holds: () => boolean, what: string, deadlineMs = 30_000): Promise<number> {
    const begin = performance.now();
    while (!holds()) {
      if (performance.now() - begin > deadlineMs) throw new Error(`${what}: not within ${deadlineMs} ms`);
      await sleep(2);
    }
    return performance.now() - begin;
  }
}
