import { isDomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import { publicModelName, type Route, type RouteRole, type RouteTable, routedVersions } from '#domain/routing';
import type { ResidentPart } from './choose-sleepers.ts';
import { isEnsemble, keysOf, mainVersions, pinnedVersions, slotKey } from './desired-versions.ts';
import type { Member } from './ensemble-slot.ts';
import { EnsembleSlots } from './ensemble-slots.ts';
import { MemoryBudget, type MemoryLimits, NO_MEMORY_LIMIT, type Sleeper } from './memory-budget.ts';
import type { RoutedSlot } from './routed-slot.ts';
import { type DesiredRoute, isNewer, type ServedVersion, type ServingSnapshot } from './serving-snapshot.ts';
import type { SlotState } from './slot-state.ts';
import { type SlotOwner, type SlotParts, VersionSlot } from './version-slot.ts';

/** What is told of a version. */
export interface VersionReport {
  readonly namespace: string;
  readonly deployment: string;
  readonly version: number;
  readonly build: string;
  /** The part that it plays, or shall play when it is ready. */
  readonly role: RouteRole;
  readonly state: SlotState;
  readonly variant: string;
  /** What it takes of the memory now; 0 while it is not in it. */
  readonly memoryBytes: number;
}

/**
 * The versions that this gateway holds, and the route table over those that are ready, or sleep.
 *
 * Level-triggered: `apply` takes the whole desired state, as often as it likes. A deployment moves to a new stable version when
 * that is ready and keeps the old one until then, so that no snapshot can take the last ready version away.
 *
 * Versions that are served by name are loaded one at a time, each deployment's after its stable version: they may cost nobody else
 * time, and whatever becomes of them changes nothing for the deployment.
 */
export class ServingSet {
  readonly #parts: SlotParts;
  readonly #onChange: () => void;
  readonly #owner: SlotOwner;
  readonly #memory: MemoryBudget;
  readonly #slots = new Map<string, VersionSlot>();
  readonly #ensembles: EnsembleSlots;
  #snapshot: ServingSnapshot = { revision: 0, deployments: [] };
  #routes: RouteTable<RoutedSlot> = new Map();
  /** Ends when the last pinned version that was to be loaded was tried. */
  #pinnedQueue: Promise<void> = Promise.resolve();
  readonly #queued = new Set<string>();
  readonly #takenOut = new Set<string>();
  /** Of each deployment, the rollout that ended last without its candidate becoming stable. */
  readonly #ended = new Map<string, string>();
  #changes = 0;

  /** @param onChange called after every change of a version's state and of the routes. */
  constructor(parts: SlotParts, onChange: () => void, limits: MemoryLimits = NO_MEMORY_LIMIT) {
    this.#parts = parts;
    this.#ensembles = new EnsembleSlots({ ...parts.ensembles, fingerprint: parts.fingerprint, timing: parts });
    this.#onChange = onChange;
    this.#owner = { onChange: () => this.#refresh(), admit: (slot) => this.#admit(slot) };
    this.#memory = new MemoryBudget(limits, () => this.#residents(), parts.nowMs);
  }

  /** The table to route by: read it once per request. */
  get routes(): RouteTable<RoutedSlot> {
    return this.#routes;
  }

  get snapshot(): ServingSnapshot {
    return this.#snapshot;
  }

  /** Whether a snapshot was applied and every deployment in it has a stable version that is ready. */
  get isReady(): boolean {
    const { revision, deployments } = this.#snapshot;
    const wanted = deployments.filter((deployment) => deployment.stable !== undefined);
    return revision > 0 && wanted.every(({ namespace, name }) => this.#routes.has(publicModelName(namespace, name)));
  }

  /** Grows with every change of the snapshot, of a version's state and of what was taken out. */
  get changes(): number {
    return this.#changes;
  }

  /** Rollouts whose candidate gets no requests here; see {@link takeOut}. */
  get takenOut(): ReadonlySet<string> {
    return this.#takenOut;
  }

  /** State of every version that is held. */
  get reports(): readonly VersionReport[] {
    const reports = (deployment: DesiredRoute, versions: readonly (ServedVersion | undefined)[], role: RouteRole) =>
      versions.filter((served) => served !== undefined).map((served) => this.#reportOf(deployment, served, role));
    return this.#snapshot.deployments.flatMap((deployment) => [
      ...reports(deployment, [deployment.stable], 'stable'),
      ...reports(deployment, [deployment.candidate], 'candidate'),
      ...reports(deployment, pinnedVersions(deployment), 'pinned'),
    ]);
  }

  /** Finds out what every version takes of the memory now. */
  async measure(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.measure()));
  }

  /** Whether a version that is held needs the file. */
  uses(digest: Digest): boolean {
    return [...this.#slots.values()].some(({ served }) =>
      served.variants.some(({ files }) => files.some((file) => file.digest === digest)),
    );
  }

  /** Takes over a desired state; an older one than the present is ignored. Answers whether it was taken. */
  apply(snapshot: ServingSnapshot): boolean {
    if (!isNewer(snapshot, this.#snapshot)) return false;
    const pinnedBefore = new Set(keysOf(this.#snapshot, pinnedVersions));
    this.#rememberEnds(snapshot);
    this.#snapshot = snapshot;
    const rolloutIds = new Set(snapshot.deployments.map(({ rolloutId }) => rolloutId));
    for (const id of this.#takenOut) if (!rolloutIds.has(id)) this.#takenOut.delete(id);
    for (const deployment of snapshot.deployments) {
      for (const served of mainVersions(deployment)) {
        const { ensemble } = served;
        if (ensemble !== undefined) {
          this.#ensembles.hold(slotKey(deployment, served), deployment.namespace, { ...served, ensemble });
          continue;
        }
        const slot = this.#hold(deployment, served);
        // What it was as a pinned version says nothing of what the deployment needs now.
        if (pinnedBefore.has(slotKey(deployment, served))) slot.tryAgain();
        // In a rollout stable must be able to step in at once.
        if (deployment.candidate !== undefined) slot.wake();
      }
    }
    this.#refresh();
    return true;
  }

  /**
   * Gives a rollout's candidate no more requests, but those that name its number, until a snapshot has another rollout in its place. Routes
   * are without it when this returns.
   */
  takeOut(rolloutId: string): void {
    if (this.#takenOut.has(rolloutId)) return;
    this.#takenOut.add(rolloutId);
    this.#refresh();
  }

  /**
   * A controller that died before it could record that a rollout was over is followed by one that knows nothing of it. A candidate that
   * lost its traffic here gets none again, and the controller is told.
   */
  #rememberEnds({ deployments }: ServingSnapshot): void {
    const next = new Map(deployments.map((deployment) => [deploymentKey(deployment), deployment]));
    for (const before of this.#snapshot.deployments) {
      const key = deploymentKey(before);
      const after = next.get(key);
      const isOver = before.candidate !== undefined && before.rolloutId !== after?.rolloutId;
      if (isOver && after?.stable?.build !== before.candidate.build) this.#ended.set(key, before.rolloutId);
      if (after === undefined) this.#ended.delete(key);
    }
    for (const [key, { rolloutId }] of next) if (this.#ended.get(key) === rolloutId) this.#takenOut.add(rolloutId);
  }

  /** Ends every runner. */
  async close(): Promise<void> {
    this.#snapshot = { ...this.#snapshot, deployments: [] };
    await Promise.all([...this.#slots.values()].map((slot) => slot.kill()));
    this.#slots.clear();
    this.#ensembles.keepOnly(() => false);
    this.#routes = new Map();
  }

  #reportOf(deployment: DesiredRoute, served: ServedVersion, role: RouteRole): VersionReport {
    const slot = this.#slotOf(deployment, served);
    const { namespace, name } = deployment;
    return {
      namespace,
      deployment: name,
      version: served.version,
      build: served.build,
      role,
      state: slot?.state ?? { kind: 'loading' },
      variant: slot?.variantName ?? '',
      memoryBytes: slot instanceof VersionSlot && slot.memory.isReserved ? slot.memory.sizeBytes : 0,
    };
  }

  #hold(deployment: DesiredRoute, served: ServedVersion): VersionSlot {
    const key = slotKey(deployment, served);
    const held = this.#slots.get(key);
    if (held !== undefined) {
      held.configure(deployment);
      return held;
    }
    const slot = this.#open(key, deployment, served);
    void slot.start();
    return slot;
  }

  #open(label: string, deployment: DesiredRoute, served: ServedVersion): VersionSlot {
    const modelName = publicModelName(deployment.namespace, deployment.name);
    const slot = new VersionSlot({ label, modelName, served }, deployment, this.#parts, this.#owner);
    this.#slots.set(label, slot);
    return slot;
  }

  #queuePinned(deployment: DesiredRoute, served: ServedVersion): void {
    const key = slotKey(deployment, served);
    this.#slots.get(key)?.configure(deployment);
    if (this.#slots.has(key) || this.#queued.has(key)) return;
    this.#queued.add(key);
    this.#pinnedQueue = this.#pinnedQueue.then(async () => {
      this.#queued.delete(key);
      const isWanted = keysOf(this.#snapshot, pinnedVersions).includes(key);
      if (!isWanted || this.#slots.has(key)) return;
      await this.#open(key, deployment, served).start();
    });
  }

  async #admit(slot: VersionSlot): Promise<'admitted' | 'asleep'> {
    const { label, memory } = slot;
    // A version that is served by name takes nobody's place until somebody asks for it.
    const isNeeded = () => this.#partOf(slot) !== 'pinned' || slot.isAwaited;
    const mayDisplace = isNeeded();
    const { sizeBytes } = memory;
    try {
      await this.#memory.admit({ label, sizeBytes, mayDisplace, reserve: () => memory.reserve() });
      return 'admitted';
    } catch (error) {
      if (mayDisplace || !isDomainError(error, 'MEMORY_BUDGET_EXCEEDED')) throw error;
      // It may have become one that somebody needs while it waited for its turn.
      return isNeeded() ? this.#admit(slot) : 'asleep';
    }
  }

  #residents(): Sleeper[] {
    return [...this.#slots.values()]
      .filter(({ memory }) => memory.isReserved)
      .map((slot) => ({
        part: this.#partOf(slot),
        sizeBytes: slot.memory.sizeBytes,
        lastUsedAtMs: slot.lastUsedAtMs,
        isBusy: slot.isBusy,
        measure: () => slot.measure(),
        sleep: () => slot.sleep(),
      }));
  }

  #partOf(slot: VersionSlot): ResidentPart {
    for (const deployment of this.#snapshot.deployments) {
      const { namespace, name, stable, candidate } = deployment;
      const route = this.#routes.get(publicModelName(namespace, name));
      const isIts = (served: ServedVersion | undefined) =>
        served !== undefined && slotKey(deployment, served) === slot.label;
      const isRouted = route?.stable === slot;
      const isStable = isIts(stable);
      if (isStable || isRouted) return isStable && isRouted && candidate === undefined ? 'stable' : 'needed';
      if (isIts(candidate)) return 'needed';
      if (pinnedVersions(deployment).some(isIts) || route?.pinned?.some((pinned) => pinned === slot)) return 'pinned';
    }
    return 'needed';
  }

  #refresh(): void {
    this.#changes += 1;
    const before = this.#routes;
    const routes = new Map<string, Route<RoutedSlot>>();
    const { deployments } = this.#snapshot;
    this.#routeInto(
      routes,
      before,
      deployments.filter((deployment) => !isEnsemble(deployment)),
    );
    // What can be called is known now.
    this.#ensembles.review((namespace, name, version) => this.#memberIn(routes, namespace, name, version));
    this.#routeInto(routes, before, deployments.filter(isEnsemble));
    this.#routes = routes;
    for (const deployment of this.#snapshot.deployments) {
      if (!routes.has(publicModelName(deployment.namespace, deployment.name))) continue;
      for (const served of pinnedVersions(deployment)) this.#queuePinned(deployment, served);
    }
    this.#releaseUnused();
    this.#onChange();
  }

  #routeInto(
    routes: Map<string, Route<RoutedSlot>>,
    before: RouteTable<RoutedSlot>,
    deployments: readonly DesiredRoute[],
  ): void {
    for (const deployment of deployments) {
      const modelName = publicModelName(deployment.namespace, deployment.name);
      const route = this.#routeOf(deployment, modelName, before.get(modelName));
      if (route !== undefined) routes.set(modelName, route);
    }
  }

  /** What an ensemble calls: what is routed to, and else what is wanted and not ready yet. */
  #memberIn(
    routes: RouteTable<RoutedSlot>,
    namespace: string,
    name: string,
    version: number | undefined,
  ): Member | { readonly problem: string } {
    const deployment = this.#snapshot.deployments.find((other) => other.namespace === namespace && other.name === name);
    if (deployment === undefined) return { problem: 'is not served' };
    if (isEnsemble(deployment)) return { problem: 'is an ensemble, and ensembles do not call each other' };
    const route = routes.get(publicModelName(namespace, name));
    const routed = route === undefined ? [] : routedVersions(route).map((found) => found.version);
    const wanted = [...mainVersions(deployment), ...pinnedVersions(deployment)];
    const slots = [...routed, ...wanted.flatMap((served) => this.#slotOf(deployment, served) ?? [])];
    const slot = version === undefined ? slots[0] : slots.find((other) => other.version === version);
    if (slot === undefined) return { problem: 'is not served' };
    const isReady = routed.includes(slot) && (slot.state.kind === 'ready' || slot.state.kind === 'sleeping');
    return { signature: slot.view.signature, isReady };
  }

  #routeOf(
    deployment: DesiredRoute,
    modelName: string,
    before: Route<RoutedSlot> | undefined,
  ): Route<RoutedSlot> | undefined {
    const stable = this.#routableSlot(deployment, deployment.stable) ?? before?.stable;
    if (stable === undefined) return undefined;
    const loaded = this.#routableSlot(deployment, deployment.candidate);
    const isTakenOut = this.#takenOut.has(deployment.rolloutId);
    const candidate = isTakenOut ? undefined : loaded;
    // Whoever names stable's number gets stable: another build of it has no other name, and the stable version of before may be one that
    // is served by name from now on.
    const pinned = pinnedVersions(deployment)
      .flatMap((served) => this.#routableSlot(deployment, served) ?? routableIn(before, served.version) ?? [])
      .concat(isTakenOut && loaded !== undefined ? loaded : [])
      .filter(({ version }) => version !== stable.version);
    const answering = new Set([stable, candidate, ...pinned].map((slot) => slot?.version));
    const notReady = [...mainVersions(deployment), ...pinnedVersions(deployment)]
      .map(({ version }) => version)
      .filter((version) => !answering.has(version));
    const { namespace, name, attributes, fallbackToStable, rolloutId, deadlineMs, maxConcurrency, serving } =
      deployment;
    return {
      modelName,
      namespace,
      deployment: name,
      attributes,
      stable,
      ...(candidate === undefined ? NO_CANDIDATE : candidateOf(deployment, candidate)),
      watch: rolloutId === '' ? undefined : deployment.watch,
      pinned,
      notReady,
      fallbackToStable,
      rolloutId,
      deadlineMs,
      maxConcurrency,
      serving,
    };
  }

  #slotOf(deployment: DesiredRoute, served: ServedVersion): RoutedSlot | undefined {
    const key = slotKey(deployment, served);
    return served.ensemble === undefined ? this.#slots.get(key) : this.#ensembles.get(key);
  }

  #routableSlot(deployment: DesiredRoute, served: ServedVersion | undefined): RoutedSlot | undefined {
    const slot = served && this.#slotOf(deployment, served);
    return slot !== undefined && isRoutable(slot) ? slot : undefined;
  }

  #releaseUnused(): void {
    const used = new Set<RoutedSlot>();
    for (const route of this.#routes.values()) for (const { version } of routedVersions(route)) used.add(version);
    const wanted = new Set([...keysOf(this.#snapshot, mainVersions), ...keysOf(this.#snapshot, pinnedVersions)]);
    for (const [key, slot] of this.#slots) {
      if (wanted.has(key) || used.has(slot)) continue;
      this.#slots.delete(key);
      slot.close();
    }
    this.#ensembles.keepOnly((key, slot) => wanted.has(key) || used.has(slot));
  }
}

/** Whether a version may stand in a route; one that sleeps is loaded by its next request. */
function isRoutable({ state }: RoutedSlot): boolean {
  return state.kind === 'ready' || state.kind === 'sleeping';
}

/** What answers for a number as it was: a version that is served by name keeps its build until the next one is ready. */
function routableIn(route: Route<RoutedSlot> | undefined, number: number): RoutedSlot | undefined {
  const versions = route === undefined ? [] : routedVersions(route).map(({ version }) => version);
  return versions.find((slot) => slot.version === number && isRoutable(slot));
}

const NO_CANDIDATE = { candidateWeightPercent: 0 };

/** What a route has only while there is a candidate in it, so that requests ask one field outside of a rollout. */
function candidateOf(
  { candidateWeightPercent, mirrorPercent, match, stickyBy, breaker }: DesiredRoute,
  candidate: RoutedSlot,
) {
  return { candidate, candidateWeightPercent, mirrorPercent, match, stickyBy, breaker };
}

function deploymentKey({ namespace, name }: DesiredRoute): string {
  return `${namespace}/${name}`;
}
