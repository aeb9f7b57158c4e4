import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import {
  type Action,
  applyAction,
  buildName,
  type Dependency,
  type DesiredDeployment,
  decide,
  type ExternalReading,
  INITIAL_STATE,
  type NamedVerdict,
  type Readiness,
  type Resolution,
  type RolloutCommand,
  type RolloutSnapshot,
  type RolloutState,
  type ServableVersion,
  type VersionInUse,
  verdictsOn,
} from '#domain/rollout';
import { NO_TRAFFIC } from '#domain/traffic';
import { eventOf } from './action-event.ts';
import { controlsOf } from './candidate-controls.ts';
import { deploymentAttributes } from './deployment-resource.ts';
import type { BuildKey, DeploymentRoute, GatewayFleet, PinnedReadiness, RoutedVersion } from './gateway-fleet.ts';
import { givesTraffic } from './gives-traffic.ts';
import type { JournalEntry, NewEvent, PinnedVersions, WriteBackStatus } from './rollout-journal.ts';

const MAX_EVENTS = 100;
/** More actions in a row than any state can have due. */
const MAX_ACTIONS = 64;
const NOT_RESOLVED: Resolution = { kind: 'unknown', reason: 'the registry was not asked yet' };

/** A route, and what it was made of. */
interface RouteInForce {
  readonly entry: JournalEntry;
  readonly attachedCount: number;
  readonly withheldRolloutId: string | undefined;
  readonly route: DeploymentRoute | undefined;
}

/** What a person asked for and could not be done yet. */
interface OpenCommand {
  readonly rolloutId: string;
  readonly command: RolloutCommand;
}

/**
 * One deployment in the controller's memory: its journal entry, and what is known of the outside.
 *
 * A decision that takes traffic from a version is in force at once. One that gives traffic comes into force when the journal has it, so that
 * whoever takes over finds no more of it than the journal tells; only an end can overtake it.
 */
export class Deployment {
  #entry: JournalEntry;
  /** With a decision that waits for the journal. */
  #next: JournalEntry | undefined;
  /** The rollout whose candidate has no traffic although the journal still gives it some. */
  #withheldRolloutId: string | undefined;
  #openCommand: OpenCommand | undefined;
  #resolution: Resolution = NOT_RESOLVED;
  #note = '';
  #readings: ReadonlyMap<string, readonly ExternalReading[]> = new Map();
  #dependencies: readonly Dependency[] = [];
  #routed: RouteInForce | undefined;

  constructor(entry: JournalEntry) {
    this.#entry = entry;
  }

  static create(namespace: string, name: string): Deployment {
    return new Deployment({ namespace, name, state: INITIAL_STATE, events: [], nextEventId: 1 });
  }

  /** What is in force. */
  get entry(): JournalEntry {
    return this.#entry;
  }

  /** What the journal shall hold. */
  get entryToSave(): JournalEntry {
    return this.#next ?? this.#entry;
  }

  /** The journal has the entry; answers whether a decision came into force by that. */
  saved({ state }: JournalEntry): boolean {
    if (this.#next === undefined || this.#next.state !== state) return false;
    this.#entry = this.#next;
    this.#next = undefined;
    return true;
  }

  get state(): RolloutState {
    return this.#entry.state;
  }

  get resolution(): Resolution {
    return this.#resolution;
  }

  /** Why nothing is due now, in one sentence. */
  get note(): string {
    return this.#note;
  }

  /** Takes over what Git says; answers whether that is news. */
  setDesired(desired: DesiredDeployment): boolean {
    const known = this.#entry.desired;
    const isSameCommit = known?.commit === desired.commit || !isLookedUp(desired);
    if (known?.specHash === desired.specHash && known.file === desired.file && isSameCommit) return false;
    if (known?.specHash !== desired.specHash) {
      this.#resolution = NOT_RESOLVED;
      this.#note =
        desired.spec.ensemble === undefined ? `looking up version ${desired.spec.version}` : 'a new ensemble';
    }
    const isSameModel = known?.spec.model === desired.spec.model;
    this.#change(({ pinned, ...entry }) => {
      const keepsPinned = pinned !== undefined && isSameModel && desired.spec.versionPolicy !== undefined;
      return { ...entry, desired, ...(keepsPinned ? { pinned } : {}) };
    });
    return true;
  }

  /** Takes over the labels of its manifest, which say nothing about what is released; answers whether that is news. */
  setLabels(labels: Readonly<Record<string, string>>): boolean {
    if (hasSameEntries(labels, this.#entry.labels ?? {})) return false;
    const isEmpty = Object.keys(labels).length === 0;
    this.#change(({ labels: _before, ...entry }) => (isEmpty ? entry : { ...entry, labels }));
    return true;
  }

  /** Whether the registry must be asked which versions are served by name. */
  get needsPinning(): boolean {
    const { desired, pinned } = this.#entry;
    if (desired?.spec.versionPolicy === undefined) return false;
    return pinned?.commit !== desired.commit || pinned.specHash !== desired.specHash;
  }

  setPinned(pinned: PinnedVersions): void {
    this.#change((entry) => ({ ...entry, pinned }));
  }

  setResolution(resolution: Resolution): void {
    this.#resolution = resolution;
  }

  /** Before a version is tried again somebody may have signed it, so that the registry is to be asked again, too. */
  forgetSignatures(): void {
    if (this.#entry.desired?.spec.signedBy !== undefined) this.#resolution = NOT_RESOLVED;
  }

  /** Takes over what those answered who were asked about the present rollout, by gate. */
  setReadings(readings: ReadonlyMap<string, readonly ExternalReading[]>): void {
    this.#readings = readings;
  }

  /** Takes over how the deployments are that the desired specification depends on. */
  setDependencies(dependencies: readonly Dependency[]): void {
    this.#dependencies = dependencies;
  }

  /** Whether it serves what Git says, and nothing is under way. */
  get isHealthy(): boolean {
    const { desired, state } = this.#entry;
    return (
      state.candidate === undefined && desired !== undefined && desired.specHash === state.stable?.desired.specHash
    );
  }

  /** Every gate's verdict on the candidate now; none without one. */
  verdicts(fleet: GatewayFleet): readonly NamedVerdict[] {
    const { candidate } = this.state;
    return candidate === undefined ? [] : verdictsOn(this.#snapshot(fleet, undefined), candidate);
  }

  setWriteBack(writeBack: WriteBackStatus): void {
    this.#change((entry) => ({ ...entry, writeBack }));
  }

  addEvent(event: NewEvent, atMs: number): void {
    this.#change((entry) => withEvent(entry, event, atMs));
  }

  /** Whether the same was told of the same commit already. */
  hasEvent({ code, message, commit }: NewEvent): boolean {
    return this.#entry.events.some(
      (event) => event.code === code && event.message === message && event.commit === commit,
    );
  }

  /** Decides and applies until nothing is due; answers the actions that were applied. */
  advance(fleet: GatewayFleet, nowMs: number, command?: RolloutCommand): Action[] {
    const applied: Action[] = [];
    const asked = command ?? this.#takeOpenCommand();
    this.#withheldRolloutId = undefined;
    for (let count = 0; count < MAX_ACTIONS; count += 1) {
      const snapshot = this.#snapshot(fleet, count === 0 ? asked : undefined);
      const action = decide(snapshot, nowMs);
      if (this.#next !== undefined && action.kind !== 'end') {
        this.#keepCommand(asked);
        return applied;
      }
      this.#note = action.reason;
      if (action.kind === 'none' || action.kind === 'refuse') {
        if (action.kind === 'refuse') this.#refuseOnce(action.reason, nowMs);
        return applied;
      }
      const state = applyAction(snapshot, action, nowMs);
      const decided = { ...withEvent(this.#entry, eventOf(action, this.state), nowMs), state };
      // What was answered about the rollout before says nothing of this one.
      if (action.kind === 'startRollout') this.#readings = new Map();
      applied.push(action);
      if (givesTraffic(state, this.state)) {
        this.#next = decided;
        return applied;
      }
      this.#entry = decided;
      this.#next = undefined;
    }
    throw new Error(`${this.#entry.name} does not come to rest: ${applied.map((action) => action.kind).join(', ')}`);
  }

  /**
   * Takes the traffic from a candidate that is to be rolled back, and leaves everything else as it is: what a controller does that must
   * not write. The decision is made again by whoever may. Answers whether that is news.
   */
  withhold(fleet: GatewayFleet, nowMs: number, command?: RolloutCommand): boolean {
    const { candidate } = this.state;
    if (candidate === undefined) return false;
    this.#keepCommand(command);
    if (this.#withheldRolloutId === candidate.rolloutId) return false;
    const action = decide(this.#snapshot(fleet, command), nowMs);
    if (action.kind !== 'end' || action.outcome === 'superseded') return false;
    this.#withheldRolloutId = candidate.rolloutId;
    this.#note = `it gets no traffic, and is rolled back when the object store can be written: ${action.reason}`;
    return true;
  }

  /** What the gateways shall do now; `undefined` while there is nothing to serve. The same object until something changes. */
  route(fleet: GatewayFleet): DeploymentRoute | undefined {
    const { attachedCount } = fleet;
    const withheldRolloutId = this.#withheldRolloutId;
    const isInForce =
      this.#routed?.entry === this.#entry &&
      this.#routed.attachedCount === attachedCount &&
      this.#routed.withheldRolloutId === withheldRolloutId;
    if (!isInForce) {
      this.#routed = { entry: this.#entry, attachedCount, withheldRolloutId, route: this.#newRoute(attachedCount) };
    }
    return this.#routed?.route;
  }

  #newRoute(attachedCount: number): DeploymentRoute | undefined {
    const { stable, candidate } = this.state;
    const spec = (candidate ?? stable)?.desired.spec;
    if (spec === undefined) return undefined;
    return {
      namespace: this.#entry.namespace,
      name: this.#entry.name,
      attributes: deploymentAttributes(this.#entry),
      stable: stable && routed(stable),
      candidate: candidate && routed(candidate),
      pinned: this.pinned.map((servable) => this.#routedByName(servable)),
      candidateWeightPercent: this.#isWithheld(candidate) ? 0 : (candidate?.weightPercent ?? 0),
      ...controlsOf(this.#isWithheld(candidate) ? undefined : candidate, attachedCount),
      rolloutId: candidate?.rolloutId ?? '',
      fallbackToStable: spec.rollout.fallbackToStable,
      deadlineMs: spec.deadlineMs,
      maxConcurrency: spec.maxConcurrency,
      serving: spec.serving ?? DEFAULT_SERVING_OPTIONS,
    };
  }

  /** Why the ensemble that the manifest asks for cannot be served; `undefined` when it can, or when it is none. */
  ensembleProblem(fleet: GatewayFleet): string | undefined {
    const wanted = this.state.candidate ?? this.state.stable;
    if (wanted?.desired.spec.ensemble === undefined) return undefined;
    const readiness = this.readinessOf(fleet, wanted);
    return readiness.kind === 'failed' ? readiness.error : undefined;
  }

  /** The versions that are served by name and are neither stable nor the candidate. */
  get pinned(): readonly ServableVersion[] {
    const { stable, candidate } = this.state;
    const others = [stable?.servable.version, candidate?.servable.version];
    return (this.#entry.pinned?.servables ?? []).filter(({ version }) => !others.includes(version));
  }

  /** Readiness of stable or of the candidate on the gateways. */
  readinessOf(fleet: GatewayFleet, version: VersionInUse): Readiness {
    return fleet.readinessOf(this.#keyOf(routed(version)));
  }

  /** Readiness of one of {@link pinned} on the gateways. */
  pinnedReadinessOf(fleet: GatewayFleet, servable: ServableVersion): PinnedReadiness {
    return fleet.pinnedReadinessOf(this.#keyOf(this.#routedByName(servable)));
  }

  /** Counts of the present rollout. */
  trafficOf(fleet: GatewayFleet): RolloutSnapshot['traffic'] {
    const { stable, candidate } = this.state;
    const countsOf = (version: VersionInUse | undefined) =>
      version === undefined || candidate === undefined
        ? NO_TRAFFIC
        : fleet.trafficOf(this.#keyOf(routed(version)), candidate.rolloutId);
    return { candidate: countsOf(candidate), stable: countsOf(stable) };
  }

  /** Its variants are stable's while a rollout tries others: what becomes of the candidate changes nothing for those who name a version. */
  #routedByName(servable: ServableVersion): RoutedVersion {
    const { stable, candidate } = this.state;
    return { servable, variants: (stable ?? candidate)?.desired.spec.variants };
  }

  #keyOf(version: RoutedVersion): BuildKey {
    const { namespace, name } = this.#entry;
    return { namespace, name, build: buildName(version.servable, version) };
  }

  #snapshot(fleet: GatewayFleet, command: RolloutCommand | undefined): RolloutSnapshot {
    const { desired, state } = this.#entry;
    return {
      ...(desired === undefined ? {} : { desired }),
      resolution: this.#resolution,
      state,
      candidateReadiness:
        state.candidate === undefined ? { kind: 'loading' } : this.readinessOf(fleet, state.candidate),
      traffic: this.trafficOf(fleet),
      readings: this.#readings,
      trippedBy: state.candidate && fleet.trippedBy(state.candidate.rolloutId),
      dependencies: this.#dependencies,
      ...(command === undefined ? {} : { command }),
    };
  }

  /** Of what is in force and of what waits. */
  #change(change: (entry: JournalEntry) => JournalEntry): void {
    this.#entry = change(this.#entry);
    this.#next = this.#next && change(this.#next);
  }

  #isWithheld(candidate: RolloutState['candidate']): boolean {
    return candidate !== undefined && candidate.rolloutId === this.#withheldRolloutId;
  }

  #keepCommand(command: RolloutCommand | undefined): void {
    const { candidate } = this.state;
    if (command !== undefined && candidate !== undefined)
      this.#openCommand = { rolloutId: candidate.rolloutId, command };
  }

  #takeOpenCommand(): RolloutCommand | undefined {
    const open = this.#openCommand;
    this.#openCommand = undefined;
    return open?.rolloutId === this.state.candidate?.rolloutId ? open?.command : undefined;
  }

  #refuseOnce(message: string, nowMs: number): void {
    const commit = this.#entry.desired?.commit;
    const isKnown = this.#entry.events.some((event) => event.code === 'SPEC_REJECTED' && event.commit === commit);
    // The rollback itself was told already; only a commit that asks for the same again is news.
    if (isKnown || commit === undefined || commit === this.state.lastRollout?.commit) return;
    this.addEvent({ severity: 'error', code: 'SPEC_REJECTED', message, commit }, nowMs);
  }
}

function routed({ servable, desired: { spec } }: VersionInUse): RoutedVersion {
  return { servable, ensemble: spec.ensemble, variants: spec.variants };
}

function withEvent(entry: JournalEntry, event: NewEvent, atMs: number): JournalEntry {
  const id = entry.nextEventId;
  const events = [...entry.events, { ...event, id, atMs }].slice(-MAX_EVENTS);
  return { ...entry, events, nextEventId: id + 1 };
}

/** Whether the registry was, or will be, asked at the commit: then a new commit is news even with the same text. */
function isLookedUp({ spec }: DesiredDeployment): boolean {
  return spec.alias !== undefined || spec.versionPolicy !== undefined;
}

function hasSameEntries(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
