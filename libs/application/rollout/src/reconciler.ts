import type { EnsembleSpec } from '#domain/ensemble';
import { DomainError } from '#domain/errors';
import {
  type Action,
  type Dependency,
  type DeploymentSpec,
  type DesiredDeployment,
  dependencyCircle,
  MAX_PINNED_VERSIONS,
  type RolloutCommand,
  type RolloutState,
  rejectionOf,
  type ServableVersion,
} from '#domain/rollout';
import { type AliasedManifest, isAliased, isResolved, withVersion } from './aliased-manifest.ts';
import { askedRolloutOf } from './asked-rollout.ts';
import { Deployment, type NewEvent } from './deployment.ts';
import { ExternalReadings } from './external-readings.ts';
import type { GateProvider } from './gate-provider.ts';
import type { DeploymentRoute, GatewayFleet } from './gateway-fleet.ts';
import { JournalSaver } from './journal-saver.ts';
import type { Authority } from './leadership.ts';
import type { ManifestParser, ParsedManifest } from './manifest-parser.ts';
import type { ManifestFile, ManifestSource, SourceNotice, SourceRevision, StrayCommit } from './manifest-source.ts';
import { pinningEvents } from './pinning-events.ts';
import { DEFAULT_MAX_REMOVED_PERCENT, isUnread, planRemoval } from './removal.ts';
import { rollbackCommitOf } from './rollback-commit.ts';
import type { JournalEntry, RolloutJournal } from './rollout-journal.ts';
import type { Scheduler } from './scheduler.ts';
import type { VersionCatalogue } from './version-catalogue.ts';

/** What the reconciler takes from outside. */
export interface ReconcilerParts {
  readonly source: ManifestSource;
  readonly parser: ManifestParser;
  readonly fleet: GatewayFleet;
  readonly catalogue: VersionCatalogue;
  readonly journal: RolloutJournal;
  readonly scheduler: Scheduler;
  /** What may be done now; asked before everything that is done. Absent where nobody else can act. */
  readonly authority?: () => Authority;
  /** Somebody else writes the journal, so that another must lead: the term has to end. */
  readonly onFenced?: (reason: string) => void;
  /** Who is asked for gates that ask somebody else. */
  readonly gateProvider: GateProvider;
  /** Told of failures that are retried: they must not go unseen. */
  readonly onFailure: (what: string, error: unknown) => void;
  /** Told once of what is wrong with the repository itself. */
  readonly onNotice?: (notice: SourceNotice) => void;
  /** Most deployments that a commit may remove without saying so, in percent of all. */
  readonly maxRemovedPercent?: number;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
/** Git shall say what is served within five seconds of its return, and it may be gone for hours. */
const WRITE_BACK_RETRY_MAX_MS = 2000;
const ENSEMBLE_GRACE_MS = 5000;
/** Times as long as publishing took, until traffic is given again. */
const PUBLISHING_PAUSE = 4;
const VERBS: Readonly<Record<RolloutCommand, string>> = {
  promote: 'promote',
  promoteFully: 'promote',
  skip: 'skip',
  abort: 'abort',
  retry: 'retry',
};

/**
 * The controller's loop: observe, decide, apply.
 *
 * It runs at every poll of Git, every report of a gateway and every command, in the term of a controller that leads. Deciding is
 * synchronous, and so is taking traffic away: it moves in the same turn in which the deciding report arrived; the journal and Git
 * follow. After a crash in between, the gateways' totals lead to the same decision again. Traffic is given when the journal has the
 * decision, so that whoever takes over never finds more of it than the journal tells.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #deployments = new Map<string, Deployment>();
  #saver: JournalSaver;
  readonly #readings: ExternalReadings;
  readonly #listeners = new Set<(deployment: Deployment) => void>();
  readonly #busy = new Set<string>();
  readonly #seenStrays = new Set<string>();
  #notices = new Set<string>();
  /** Manifests by the content of their file, which stays the same object as long as the file is the same. */
  readonly #parsed = new WeakMap<ManifestFile['content'], readonly ParsedManifest[]>();
  /** Manifests that wait for their alias to be looked up; what was desired before stays in force meanwhile. */
  readonly #aliased = new Map<string, AliasedManifest>();
  #polling: Promise<void> | undefined;
  #nextPolling: Promise<void> | undefined;
  #published: readonly DeploymentRoute[] | undefined;
  /** When routes that give traffic may be published again, by the scheduler. */
  #publishAgainAtMs = 0;
  #isPublishPlanned = false;
  #isRoundDue = false;
  #isInRound = false;
  #isPublishDue = false;
  /** What began in an earlier term ends without effect. */
  #term = 0;
  #isStopped = true;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#saver = this.#newSaver();
    const { gateProvider: provider, scheduler } = parts;
    this.#readings = new ExternalReadings({ provider, scheduler, onReading: (key) => this.#takeReading(key) });
    parts.fleet.onReport(() => this.#reconcileAll());
  }

  /**
   * Begins a term: makes the journal this controller's own, takes up what it holds, and acts from then on.
   *
   * @param epoch of the term; above those of all terms before it.
   * @throws PRECONDITION_FAILED when a later term has begun already; STORE_UNAVAILABLE, RECORD_INVALID
   */
  async start(epoch = 1): Promise<void> {
    this.resign();
    const term = this.#term;
    const saver = this.#saver;
    const entries = await this.#parts.journal.takeOver(epoch);
    if (term !== this.#term) return;
    for (const { entry, etag } of entries) {
      this.#deployments.set(keyOf(entry), new Deployment(entry));
      saver.adopt(keyOf(entry), etag);
    }
    this.#isStopped = false;
    this.resume();
  }

  /** Goes on with all rights: first what is due, then the routes of all. */
  resume(): void {
    this.#reconcileAll();
    this.#publish();
  }

  /** Ends the term at once: what is not in the journal yet is left to the next leader, who decides it again. */
  resign(): void {
    this.#term += 1;
    this.#isStopped = true;
    this.#saver.end();
    this.#saver = this.#newSaver();
    this.#readings.stop();
    this.#deployments.clear();
    this.#aliased.clear();
    this.#busy.clear();
    this.#seenStrays.clear();
    this.#notices.clear();
    this.#published = undefined;
  }

  /** Ends retries and waits until everything decided is in the journal. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#readings.stop();
    await this.#polling;
    await this.#saver.idle();
  }

  #newSaver(): JournalSaver {
    const term = this.#term;
    return new JournalSaver({
      ...this.#parts,
      mayWrite: () => this.#authority === 'full',
      onSaved: (deployment, entry) => {
        if (term === this.#term) this.#saved(deployment, entry);
      },
      onLost: (key) => {
        if (term === this.#term) this.#parts.onFenced?.(`somebody else writes the journal of ${key}`);
      },
    });
  }

  get #authority(): Authority {
    return this.#parts.authority?.() ?? 'full';
  }

  /** Whether a term has begun, so that what is known of deployments is all that there is. */
  get isActing(): boolean {
    return !this.#isStopped;
  }

  get deployments(): readonly Deployment[] {
    return [...this.#deployments.values()];
  }

  /** One deployment. @throws DEPLOYMENT_NOT_FOUND */
  require(namespace: string, name: string): Deployment {
    const deployment = this.#deployments.get(keyOf({ namespace, name }));
    if (deployment !== undefined) return deployment;
    throw new DomainError('DEPLOYMENT_NOT_FOUND', `there is no deployment ${name} in namespace ${namespace}`);
  }

  /** Calls the listener after every change of a deployment; answers how to end that. */
  onChange(listener: (deployment: Deployment) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads Git and acts on it. Calls during a run share the one that follows: that run may have looked too early for them. */
  poll(): Promise<void> {
    if (this.#polling !== undefined) {
      this.#nextPolling ??= this.#polling
        .catch(() => {})
        .then(() => {
          this.#nextPolling = undefined;
          return this.#isStopped ? undefined : this.poll();
        });
      return this.#nextPolling;
    }
    this.#polling = this.#pollOnce().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  /** Reports a push that the repository refused because of its branch. */
  reportStray(stray: StrayCommit, deployedBranch: string): void {
    const deployed = stray.deployedBranch ?? deployedBranch;
    for (const deployment of this.#deployments.values()) {
      const file = deployment.entry.desired?.file;
      if (file === undefined || !stray.paths.includes(file)) continue;
      const message = `commit ${stray.commit.slice(0, 10)} on branch ${stray.branch} changes ${file}, but only ${deployed} is deployed`;
      this.#tellOnce(deployment, { severity: 'error', code: 'BRANCH_NOT_DEPLOYED', message, commit: stray.commit });
    }
  }

  /**
   * Carries out a person's wish.
   *
   * @throws DEPLOYMENT_NOT_FOUND, ROLLOUT_NOT_ACTIVE; STORE_UNAVAILABLE for what gives traffic while nothing can be recorded.
   */
  command(namespace: string, name: string, command: RolloutCommand): Deployment {
    const deployment = this.require(namespace, name);
    const { desired } = deployment.entry;
    const isPossible =
      command === 'retry'
        ? desired !== undefined && rejectionOf(deployment.state, desired) !== undefined
        : deployment.state.candidate !== undefined;
    if (!isPossible) {
      const state = command === 'retry' ? 'asks for nothing that was rolled back' : 'has no rollout in progress';
      throw new DomainError('ROLLOUT_NOT_ACTIVE', `${name} ${state}: there is nothing to ${VERBS[command]}`);
    }
    if (command !== 'abort' && this.#authority !== 'full') {
      throw new DomainError(
        'STORE_UNAVAILABLE',
        `${name} cannot go on now: this controller could not renew its lease in the object store, and may only take traffic away`,
      );
    }
    this.#reconcile(deployment, command);
    return deployment;
  }

  async #pollOnce(): Promise<void> {
    const term = this.#term;
    // Who does not lead reads, too: it knows the repository when it takes over.
    const revision = await this.#parts.source.poll();
    if (term !== this.#term || this.#isStopped || this.#authority !== 'full') return;
    const known = this.deployments;
    const seen = new Set<string>();
    for (const { entry } of known) if (isUnread(revision, entry.desired?.file)) seen.add(keyOf(entry));
    for (const file of revision.files) this.#takeFile(file, seen);
    this.#removeAbsent(revision, known, seen);
    this.#tellNotices(revision.notices ?? []);
    for (const stray of revision.strays) {
      if (this.#seenStrays.has(stray.commit)) continue;
      this.#seenStrays.add(stray.commit);
      this.reportStray(stray, revision.branch);
    }
    this.#reconcileAll();
  }

  #takeFile(file: ManifestFile, seen: Set<string>): void {
    if (file.content.kind === 'refused') {
      this.#tellProblem(file, undefined, file.content.reason, seen);
      return;
    }
    const manifests = this.#parsed.get(file.content) ?? this.#parts.parser.parse(file.content.text);
    this.#parsed.set(file.content, manifests);
    for (const manifest of manifests) {
      if (manifest.kind === 'invalid') {
        const named =
          manifest.name === undefined ? undefined : { namespace: manifest.namespace ?? 'default', name: manifest.name };
        this.#tellProblem(file, named, manifest.message, seen);
        continue;
      }
      const { spec, specHash } = manifest;
      const key = keyOf(spec);
      if (seen.has(key)) {
        this.#tellProblem(
          file,
          spec,
          `${spec.name} is named by another manifest too; the first one counts`,
          seen,
          'MANIFEST_DUPLICATE',
        );
        continue;
      }
      seen.add(key);
      const origin = { specHash, commit: file.commit, file: file.path };
      if (isAliased(spec)) this.#takeAliased(key, { spec, ...origin });
      else this.#takeDesired(key, { spec, ...origin });
    }
  }

  #takeDesired(key: string, desired: DesiredDeployment): void {
    this.#aliased.delete(key);
    const deployment = this.#deploymentOf(key, desired.spec);
    if (deployment.setDesired(desired)) this.#changed(deployment);
  }

  #takeAliased(key: string, manifest: AliasedManifest): void {
    const deployment = this.#deploymentOf(key, manifest.spec);
    if (isResolved(manifest, deployment.entry.desired)) {
      this.#aliased.delete(key);
      return;
    }
    this.#aliased.set(key, manifest);
    this.#lookUpAlias(key, deployment);
  }

  #deploymentOf(key: string, { namespace, name }: AliasedManifest['spec'] | DesiredDeployment['spec']): Deployment {
    const deployment = this.#deployments.get(key) ?? Deployment.create(namespace, name);
    this.#deployments.set(key, deployment);
    return deployment;
  }

  /** A file that cannot be used keeps the deployments that it brought as they are. */
  #tellProblem(
    file: ManifestFile,
    named: { readonly namespace: string; readonly name: string } | undefined,
    problem: string,
    seen: Set<string>,
    code: 'MANIFEST_INVALID' | 'MANIFEST_DUPLICATE' = 'MANIFEST_INVALID',
  ): void {
    const touched = this.deployments.filter(
      ({ entry }) => entry.desired?.file === file.path || (named && keyOf(entry) === keyOf(named)),
    );
    if (touched.length === 0 && named !== undefined) {
      const created = Deployment.create(named.namespace, named.name);
      this.#deployments.set(keyOf(named), created);
      touched.push(created);
    }
    for (const deployment of touched) {
      seen.add(keyOf(deployment.entry));
      this.#tellOnce(deployment, { severity: 'error', code, message: `${file.path}: ${problem}`, commit: file.commit });
    }
  }

  #removeAbsent(revision: SourceRevision, known: readonly Deployment[], seen: ReadonlySet<string>): void {
    const { remove, held } = planRemoval(
      revision,
      known.map(({ entry }) => ({
        key: keyOf(entry),
        file: entry.desired?.file,
        isPresent: seen.has(keyOf(entry)),
      })),
      this.#parts.maxRemovedPercent ?? DEFAULT_MAX_REMOVED_PERCENT,
    );
    for (const key of remove) {
      if (!this.#deployments.has(key)) continue;
      this.#deployments.delete(key);
      this.#aliased.delete(key);
      this.#readings.follow(key, undefined);
      this.#saver.remove(key);
    }
    if (remove.length > 0) this.#publish();
    for (const { keys, commit, message } of held) {
      const event: NewEvent = { severity: 'error', code: 'REMOVAL_HELD', message, commit };
      for (const key of keys) this.#tellOnce(this.#deployments.get(key), event);
    }
  }

  #tellNotices(notices: readonly SourceNotice[]): void {
    const told = this.#notices;
    this.#notices = new Set(notices.map(({ code, message }) => `${code} ${message}`));
    for (const notice of notices) {
      const { paths, ...event } = notice;
      if (!told.has(`${notice.code} ${notice.message}`)) this.#parts.onNotice?.(notice);
      const touched = new Set(paths);
      for (const deployment of this.#deployments.values()) {
        if (touched.has(deployment.entry.desired?.file ?? '')) this.#tellOnce(deployment, event);
      }
    }
  }

  /** What ends in the same turn, a thousand look-ups of one commit say, leads to one round. */
  #reconcileSoon(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    queueMicrotask(() => {
      this.#isRoundDue = false;
      this.#reconcileAll();
    });
  }

  /** One round: the gateways get the routes of all of it at once, still in the same turn. */
  #reconcileAll(): void {
    this.#isInRound = true;
    for (const deployment of this.#deployments.values()) this.#reconcile(deployment);
    this.#isInRound = false;
    if (this.#isPublishDue) this.#publish();
  }

  #reconcile(deployment: Deployment, command?: RolloutCommand): void {
    if (this.#isStopped || !this.#isPresent(deployment)) return;
    const authority = this.#authority;
    if (authority === 'none') return;
    try {
      deployment.setReadings(this.#readings.of(keyOf(deployment.entry)));
      if (authority === 'protective') {
        this.#protect(deployment, command);
        return;
      }
      this.#resolveWhenNeeded(deployment);
      this.#pinWhenNeeded(deployment);
      deployment.setDependencies(this.#dependenciesOf(deployment));
      const actions = deployment.advance(this.#parts.fleet, this.#parts.scheduler.nowMs(), command);
      if (actions.length > 0) this.#publish();
      this.#readings.follow(keyOf(deployment.entry), askedRolloutOf(deployment));
      for (const action of actions) this.#followUp(deployment, action);
      if (actions.length > 0) this.#changed(deployment);
      this.#tellOfEnsemble(deployment);
      this.#writeBackWhenPending(deployment);
    } catch (error) {
      // One deployment's failure must not stop the others.
      this.#parts.onFailure(`reconciling ${deployment.entry.name}`, error);
    }
  }

  /** Without the right to write: only what takes traffic from a candidate, which anybody may do. */
  #protect(deployment: Deployment, command: RolloutCommand | undefined): void {
    const { fleet, scheduler } = this.#parts;
    if (!deployment.withhold(fleet, scheduler.nowMs(), command)) return;
    this.#publish();
    this.#tell(deployment);
  }

  #mayWriteFor(deployment: Deployment): boolean {
    return this.#authority === 'full' && this.#isPresent(deployment);
  }

  #isPresent(deployment: Deployment): boolean {
    return this.#deployments.get(keyOf(deployment.entry)) === deployment;
  }

  /** What waited for the journal is in force. */
  #saved(deployment: Deployment, entry: JournalEntry): void {
    if (!this.#isPresent(deployment) || !deployment.saved(entry)) return;
    this.#publishSoon();
    this.#reconcile(deployment);
    this.#tell(deployment);
  }

  #takeReading(key: string): void {
    const deployment = this.#deployments.get(key);
    if (deployment !== undefined) this.#reconcile(deployment);
  }

  #dependenciesOf(deployment: Deployment): readonly Dependency[] {
    const { namespace, name, desired } = deployment.entry;
    const named = (other: string) => this.#deployments.get(keyOf({ namespace, name: other }));
    const namesOf = (other: string) => named(other)?.entry.desired?.spec.rollout.dependsOn ?? [];
    const names = namesOf(name);
    const circle = names.length === 0 ? undefined : dependencyCircle(name, namesOf);
    if (circle !== undefined && desired !== undefined) {
      const message = `${circle.join(' waits for ')}: take one of these out of spec.rollout.dependsOn`;
      this.#tellOnce(deployment, { severity: 'error', code: 'DEPENDENCY_CIRCLE', message, commit: desired.commit });
    }
    return names.map((other) => ({ name: other, isHealthy: named(other)?.isHealthy === true }));
  }

  /** What an action asks for beside the routes. */
  #followUp(deployment: Deployment, action: Action): void {
    if (action.kind !== 'end' || action.outcome === 'superseded') return;
    const { state } = deployment;
    const plan = deployment.entry.desired?.spec.rollout;
    const isPossible = state.stable !== undefined && plan !== undefined && plan.writeBack !== 'none';
    deployment.setWriteBack(isPossible ? { state: 'pending' } : { state: 'off' });
  }

  #resolveWhenNeeded(deployment: Deployment): void {
    const { desired, state } = deployment.entry;
    const key = `resolve ${keyOf(deployment.entry)}`;
    const isSettled = desired === undefined || desired.specHash === (state.candidate ?? state.stable)?.desired.specHash;
    if (isSettled || deployment.resolution.kind === 'found' || this.#busy.has(key)) return;
    const { namespace, model, version, ensemble } = desired.spec;
    if (ensemble !== undefined) {
      deployment.setResolution({ kind: 'found', servable: servableEnsemble(desired.spec, ensemble, state) });
      return;
    }
    this.#retrying(key, async () => {
      const resolution = await this.#parts.catalogue.resolve(namespace, model, version);
      if (deployment.entry.desired?.specHash !== desired.specHash) return true;
      deployment.setResolution(resolution);
      if (resolution.kind === 'missing') {
        const { commit } = desired;
        const event: NewEvent = {
          severity: 'error',
          code: 'MODEL_VERSION_NOT_FOUND',
          message: resolution.reason,
          commit,
          version,
        };
        this.#tellOnce(deployment, event);
      }
      // What was found is acted on in the round that follows, together with whatever else was found.
      if (resolution.kind !== 'found') this.#reconcile(deployment);
      return resolution.kind === 'found';
    });
  }

  /** What a commit brings together does not get ready at once: only what still does not fit after a while is told. */
  #tellOfEnsemble(deployment: Deployment): void {
    const key = `ensemble ${keyOf(deployment.entry)}`;
    if (deployment.ensembleProblem(this.#parts.fleet) === undefined || this.#busy.has(key)) return;
    this.#busy.add(key);
    this.#parts.scheduler.after(ENSEMBLE_GRACE_MS, () => {
      this.#busy.delete(key);
      const problem = deployment.ensembleProblem(this.#parts.fleet);
      const wanted = deployment.state.candidate ?? deployment.state.stable;
      if (this.#isStopped || problem === undefined || wanted === undefined) return;
      const { commit } = wanted.desired;
      const { version } = wanted.servable;
      this.#tellOnce(deployment, { severity: 'error', code: 'ENSEMBLE_INVALID', message: problem, commit, version });
    });
  }

  #lookUpAlias(key: string, deployment: Deployment): void {
    const task = `look up the alias of ${key}`;
    if (this.#busy.has(task)) return;
    this.#retrying(task, async () => {
      const manifest = this.#aliased.get(key);
      if (manifest === undefined) return true;
      const { namespace, model, alias } = manifest.spec;
      const resolution = await this.#parts.catalogue.resolveAlias(namespace, model, alias);
      // A newer commit came meanwhile: it is looked up in its turn.
      if (this.#aliased.get(key) !== manifest) return false;
      if (resolution.kind === 'found') this.#takeDesired(key, withVersion(manifest, resolution.servable.version));
      else if (resolution.kind === 'missing') {
        if (deployment.entry.desired === undefined) deployment.setResolution(resolution);
        const { commit } = manifest;
        this.#tellOnce(deployment, {
          severity: 'error',
          code: 'ALIAS_NOT_FOUND',
          message: resolution.reason,
          commit,
        });
      }
      this.#reconcile(deployment);
      return resolution.kind === 'found';
    });
  }

  #pinWhenNeeded(deployment: Deployment): void {
    const { desired } = deployment.entry;
    const task = `choose the versions by name of ${keyOf(deployment.entry)}`;
    if (desired?.spec.versionPolicy === undefined || !deployment.needsPinning || this.#busy.has(task)) return;
    const { namespace, model, versionPolicy } = desired.spec;
    this.#retrying(task, async () => {
      const selection = await this.#parts.catalogue.select(namespace, model, versionPolicy, MAX_PINNED_VERSIONS);
      if (deployment.entry.desired !== desired) return true;
      if (selection.kind === 'unknown') return false;
      const { specHash, commit } = desired;
      deployment.setPinned({ specHash, commit, servables: selection.servables });
      for (const event of pinningEvents(selection)) this.#tellOnce(deployment, { ...event, commit });
      this.#changed(deployment);
      this.#publish();
      return true;
    });
  }

  #writeBackWhenPending(deployment: Deployment): void {
    const key = `write back ${keyOf(deployment.entry)}`;
    if (deployment.entry.writeBack?.state !== 'pending' || this.#busy.has(key)) return;
    const rollback = rollbackCommitOf(deployment.entry);
    if (rollback === undefined) {
      deployment.setWriteBack({ state: 'abandoned', message: 'the manifest moved on' });
      this.#changed(deployment);
      return;
    }
    const write = async () => {
      if (!this.#mayWriteFor(deployment)) return false;
      // The journal first: a crash in between must not leave a commit of ours that nobody remembers the reason of. A journal that
      // cannot be written does not hold Git up.
      await this.#saver.settled(keyOf(deployment.entry));
      if (!this.#mayWriteFor(deployment)) return false;
      const result = await this.#parts.source.commitRollback(rollback);
      const now = this.#parts.scheduler.nowMs();
      if (result.kind === 'committed') {
        const { commit, branch } = result;
        const where = branch === undefined ? '' : ` on branch ${branch}, which waits to be merged`;
        const message = `the rollback is commit ${commit.slice(0, 10)}${where}`;
        deployment.setWriteBack({ state: 'committed', commit, ...(branch === undefined ? {} : { message }) });
        deployment.addEvent({ severity: 'info', code: 'WrittenBack', message, commit }, now);
      } else {
        deployment.setWriteBack({ state: 'abandoned', message: result.reason });
        deployment.addEvent({ severity: 'warning', code: 'WriteBackAbandoned', message: result.reason }, now);
      }
      this.#changed(deployment);
      void this.poll().catch((error: unknown) => this.#parts.onFailure('polling after a write-back', error));
      return true;
    };
    this.#retrying(key, write, WRITE_BACK_RETRY_MAX_MS);
  }

  /** Runs a task until it answers true, with growing pauses; one task per key at a time. */
  #retrying(key: string, task: () => Promise<boolean>, maxDelayMs = RETRY_MAX_MS, delayMs = RETRY_FIRST_MS): void {
    this.#busy.add(key);
    const term = this.#term;
    const again = () => {
      this.#parts.scheduler.after(delayMs, () => {
        if (this.#isStopped || term !== this.#term) return;
        this.#retrying(key, task, maxDelayMs, Math.min(delayMs * 2, maxDelayMs));
      });
    };
    void task().then(
      (isDone) => {
        if (term !== this.#term) return;
        if (!isDone) return again();
        this.#busy.delete(key);
        this.#reconcileSoon();
      },
      (error: unknown) => {
        if (term !== this.#term) return;
        this.#parts.onFailure(key, error);
        again();
      },
    );
  }

  #tellOnce(deployment: Deployment | undefined, event: NewEvent): void {
    if (deployment === undefined || deployment.hasEvent(event)) return;
    deployment.addEvent(event, this.#parts.scheduler.nowMs());
    this.#changed(deployment);
  }

  #changed(deployment: Deployment): void {
    if (!this.#isPresent(deployment)) return;
    this.#saver.save(keyOf(deployment.entry), deployment);
    this.#tell(deployment);
  }

  #tell(deployment: Deployment): void {
    for (const listener of this.#listeners) listener(deployment);
  }

  /** For what gives traffic: a thousand of these in a row must not keep the controller from everything else. */
  #publishSoon(): void {
    const { scheduler } = this.#parts;
    const waitMs = this.#publishAgainAtMs - scheduler.nowMs();
    if (waitMs <= 0) {
      this.#publish();
      return;
    }
    if (this.#isPublishPlanned) return;
    this.#isPublishPlanned = true;
    scheduler.after(waitMs, () => {
      this.#isPublishPlanned = false;
      this.#publish();
    });
  }

  #publish(): void {
    this.#isPublishDue = this.#isInRound;
    const authority = this.#authority;
    if (this.#isInRound || this.#isStopped || authority === 'none') return;
    const startedMs = this.#parts.scheduler.nowMs();
    const wanted = this.deployments
      .map((deployment) => deployment.route(this.#parts.fleet))
      .filter((route): route is DeploymentRoute => route !== undefined);
    const before = this.#published ?? [];
    const routes = authority === 'full' ? wanted : before.map((route) => narrowed(route, wanted));
    if (this.#published !== undefined && areSame(routes, before)) return;
    this.#published = routes;
    this.#parts.fleet.publish(routes);
    const endedMs = this.#parts.scheduler.nowMs();
    this.#publishAgainAtMs = endedMs + PUBLISHING_PAUSE * (endedMs - startedMs);
  }
}

/** A route as it is, but for a candidate that shall have less. */
function narrowed(route: DeploymentRoute, wanted: readonly DeploymentRoute[]): DeploymentRoute {
  const { rolloutId, candidateWeightPercent, mirrorPercent } = route;
  const found = wanted.find((other) => keyOf(other) === keyOf(route) && other.rolloutId === rolloutId);
  if (found === undefined || found.candidateWeightPercent >= candidateWeightPercent) return route;
  const copies = Math.min(mirrorPercent, found.mirrorPercent);
  const match = found.match === undefined ? undefined : route.match;
  return { ...route, candidateWeightPercent: found.candidateWeightPercent, mirrorPercent: copies, match };
}

/** Whether routes say the same. Only those that were made anew are looked into: there may be thousands. */
function areSame(routes: readonly DeploymentRoute[], others: readonly DeploymentRoute[]): boolean {
  const isSame = (route: DeploymentRoute, other: DeploymentRoute | undefined) =>
    route === other || JSON.stringify(route) === JSON.stringify(other);
  return routes.length === others.length && routes.every((route, index) => isSame(route, others[index]));
}

/** An ensemble as a version: there is nothing to look up, and each that is tried gets a number that the ones before had not. */
function servableEnsemble(
  { namespace, name }: DeploymentSpec,
  { inputs, outputs }: EnsembleSpec,
  { rolloutCount, stable }: RolloutState,
): ServableVersion {
  const version = Math.max(rolloutCount, stable?.servable.version ?? 0) + 1;
  return { namespace, model: name, version, signature: { inputs, outputs }, variants: [] };
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
