import type { AuditPrincipal } from '#domain/audit';
import { DomainError } from '#domain/errors';
import type { Action, RolloutCommand } from '#domain/rollout';
import { askedRolloutOf } from './asked-rollout.ts';
import { Deployment } from './deployment.ts';
import { dependantsOf, dependenciesOf } from './deployment-dependencies.ts';
import { deploymentKey } from './deployment-key.ts';
import type { DeploymentNews } from './deployment-news.ts';
import { deploymentNotFound } from './deployment-not-found.ts';
import { ExternalReadings } from './external-readings.ts';
import type { GateProvider } from './gate-provider.ts';
import type { GatewayFleet } from './gateway-fleet.ts';
import { JournalSaver } from './journal-saver.ts';
import type { Authority } from './leadership.ts';
import { ManifestIntake } from './manifest-intake.ts';
import type { ManifestParser } from './manifest-parser.ts';
import type { ManifestSource, SourceNotice, SourceRevision, StrayCommit } from './manifest-source.ts';
import { commandEvent, requirePossible } from './persons-wish.ts';
import { RegistryLookUps } from './registry-look-ups.ts';
import { RetriedTasks } from './retried-tasks.ts';
import type { JournalEntry, NewEvent, RolloutJournal } from './rollout-journal.ts';
import { RoutePublisher } from './route-publisher.ts';
import type { Scheduler } from './scheduler.ts';
import type { VersionCatalogue } from './version-catalogue.ts';
import { WriteBack } from './write-back.ts';

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

const ENSEMBLE_GRACE_MS = 5000;

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
  readonly #intake: ManifestIntake;
  readonly #lookUps: RegistryLookUps;
  readonly #readings: ExternalReadings;
  readonly #routes: RoutePublisher;
  readonly #tasks: RetriedTasks;
  readonly #writeBack: WriteBack;
  #saver: JournalSaver;
  readonly #listeners = new Set<(deployment: Deployment) => void>();
  #polling: Promise<void> | undefined;
  #nextPolling: Promise<void> | undefined;
  readonly #dueSoon = new Set<string>();
  /** What a look at Git found while there was no right to act on it. */
  #untaken: SourceRevision | undefined;
  /** What began in an earlier term ends without effect. */
  #term = 0;
  #isStopped = true;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    const { source, catalogue, fleet, scheduler, gateProvider: provider, onFailure } = parts;
    const news: DeploymentNews = {
      tellOnce: (deployment, event) => this.#tellOnce(deployment, event),
      changed: (deployment) => this.#changed(deployment),
    };
    const publish = () => this.#routes.publish();
    this.#saver = this.#newSaver();
    this.#tasks = new RetriedTasks({ scheduler, onFailure, onDone: (key) => this.#reconcileSoon(key) });
    this.#readings = new ExternalReadings({ provider, scheduler, onReading: (key) => this.#takeReading(key) });
    this.#routes = new RoutePublisher({
      fleet,
      scheduler,
      deployments: () => this.deployments,
      authority: () => (this.#isStopped ? 'none' : this.#authority),
    });
    this.#lookUps = new RegistryLookUps({
      catalogue,
      tasks: this.#tasks,
      intake: () => this.#intake,
      news,
      reconcile: (deployment) => this.#reconcile(deployment),
      publish,
    });
    this.#intake = new ManifestIntake({
      parser: parts.parser,
      deployments: this.#deployments,
      news,
      onAlias: (key, deployment) => this.#lookUps.lookUpAlias(key, deployment),
      onRemoved: (keys) => this.#removed(keys),
      onNotice: parts.onNotice,
      maxRemovedPercent: parts.maxRemovedPercent,
    });
    this.#writeBack = new WriteBack({
      source,
      scheduler,
      tasks: this.#tasks,
      news,
      mayWriteFor: (deployment) => this.#authority === 'full' && this.#isPresent(deployment),
      journalled: (key) => this.#saver.settled(key),
      onWritten: () => void this.poll().catch((error: unknown) => onFailure('polling after a write-back', error)),
    });
    fleet.onReport(() => this.#reconcileAll());
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
      this.#deployments.set(deploymentKey(entry), new Deployment(entry));
      saver.adopt(deploymentKey(entry), etag);
    }
    this.#isStopped = false;
    this.resume();
  }

  /** Goes on with all rights: first what is due, then the routes of all. */
  resume(): void {
    this.#takeRevision();
    this.#reconcileAll();
    this.#routes.publish();
  }

  /** Ends the term at once: what is not in the journal yet is left to the next leader, who decides it again. */
  resign(): void {
    this.#term += 1;
    this.#isStopped = true;
    this.#saver.end();
    this.#saver = this.#newSaver();
    this.#readings.stop();
    this.#tasks.end();
    this.#untaken = undefined;
    this.#intake.clear();
    this.#routes.reset();
    this.#deployments.clear();
  }

  /** Ends retries and waits until everything decided is in the journal. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#readings.stop();
    this.#tasks.end();
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
    const deployment = this.#deployments.get(deploymentKey({ namespace, name }));
    if (deployment !== undefined) return deployment;
    throw deploymentNotFound({ namespace, name });
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
    this.#intake.reportStray(stray, deployedBranch);
  }

  /**
   * Carries out a person's wish.
   *
   * @param principal who that is; absent where nobody knows.
   * @throws DEPLOYMENT_NOT_FOUND, ROLLOUT_NOT_ACTIVE; STORE_UNAVAILABLE for what gives traffic while nothing can be recorded.
   */
  command(namespace: string, name: string, command: RolloutCommand, principal?: AuditPrincipal): Deployment {
    const deployment = this.require(namespace, name);
    requirePossible(deployment, command);
    if (command !== 'abort' && this.#authority !== 'full') {
      throw new DomainError(
        'STORE_UNAVAILABLE',
        `${name} cannot go on now: this controller could not renew its lease in the object store, and may only take traffic away`,
      );
    }
    if (principal !== undefined)
      deployment.addEvent(commandEvent(deployment, command, principal), this.#parts.scheduler.nowMs());
    if (command === 'retry') deployment.forgetSignatures();
    this.#reconcile(deployment, command);
    if (principal !== undefined) this.#changed(deployment);
    return deployment;
  }

  #tellOnce(deployment: Deployment | undefined, event: NewEvent): void {
    if (deployment === undefined || deployment.hasEvent(event)) return;
    deployment.addEvent(event, this.#parts.scheduler.nowMs());
    this.#changed(deployment);
  }

  #changed(deployment: Deployment): void {
    if (!this.#isPresent(deployment)) return;
    this.#saver.save(deploymentKey(deployment.entry), deployment);
    this.#tell(deployment);
  }

  /** Ends when what was decided on a deployment is in the journal, and so in force, or was tried once. */
  recorded(deployment: Deployment): Promise<void> {
    return this.#saver.settled(deploymentKey(deployment.entry));
  }

  async #pollOnce(): Promise<void> {
    const term = this.#term;
    // Who does not lead reads, too: it knows the repository when it takes over.
    const revision = await this.#parts.source.poll();
    if (term !== this.#term || this.#isStopped) return;
    this.#untaken = revision;
    this.#takeRevision();
    this.#reconcileAll();
    // Labels, which no rollout waits for, are in the routes, too.
    this.#routes.publishSoon();
  }

  /** A lease that lapsed during a look comes back later than the look ends. */
  #takeRevision(): void {
    if (this.#untaken === undefined || this.#authority !== 'full') return;
    this.#intake.take(this.#untaken);
    this.#untaken = undefined;
  }

  #removed(keys: readonly string[]): void {
    for (const key of keys) {
      this.#readings.follow(key, undefined);
      this.#saver.remove(key);
    }
    this.#routes.publish();
  }

  /** What ends in the same turn, look-ups of one commit say, leads to one round of those deployments. */
  #reconcileSoon(key: string): void {
    const isPlanned = this.#dueSoon.size > 0;
    this.#dueSoon.add(key);
    if (isPlanned) return;
    queueMicrotask(() => {
      const due = [...this.#dueSoon].map((dueKey) => this.#deployments.get(dueKey));
      this.#dueSoon.clear();
      this.#reconcileAll(due.filter((deployment) => deployment !== undefined));
    });
  }

  /** One round: the gateways get the routes of all of it at once, still in the same turn. */
  #reconcileAll(deployments: Iterable<Deployment> = this.#deployments.values()): void {
    this.#routes.afterRound(() => {
      for (const deployment of deployments) this.#reconcile(deployment);
    });
  }

  #reconcile(deployment: Deployment, command?: RolloutCommand): void {
    if (this.#isStopped || !this.#isPresent(deployment)) return;
    const authority = this.#authority;
    if (authority === 'none') return;
    try {
      deployment.setReadings(this.#readings.of(deploymentKey(deployment.entry)));
      if (authority === 'protective') {
        this.#protect(deployment, command);
        return;
      }
      this.#lookUps.resolveWhenNeeded(deployment);
      this.#lookUps.pinWhenNeeded(deployment);
      this.#takeDependencies(deployment);
      const actions = deployment.advance(this.#parts.fleet, this.#parts.scheduler.nowMs(), command);
      if (actions.length > 0) this.#routes.publish();
      this.#readings.follow(deploymentKey(deployment.entry), askedRolloutOf(deployment, this.#parts.fleet));
      for (const action of actions) this.#followUp(deployment, action);
      if (actions.length > 0) this.#changed(deployment);
      this.#tellOfEnsemble(deployment);
      this.#writeBack.writeWhenPending(deployment);
    } catch (error) {
      // One deployment's failure must not stop the others.
      this.#parts.onFailure(`reconciling ${deployment.entry.name}`, error);
    }
  }

  /** Without the right to write: only what takes traffic from a candidate, which anybody may do. */
  #protect(deployment: Deployment, command: RolloutCommand | undefined): void {
    const { fleet, scheduler } = this.#parts;
    if (!deployment.withhold(fleet, scheduler.nowMs(), command)) return;
    this.#routes.publish();
    this.#tell(deployment);
  }

  #isPresent(deployment: Deployment): boolean {
    return this.#deployments.get(deploymentKey(deployment.entry)) === deployment;
  }

  /** What waited for the journal is in force. */
  #saved(deployment: Deployment, entry: JournalEntry): void {
    if (!this.#isPresent(deployment) || !deployment.saved(entry)) return;
    this.#routes.publishSoon();
    this.#reconcile(deployment);
    this.#tell(deployment);
    for (const waiting of dependantsOf(deployment, this.#deployments))
      this.#reconcileSoon(deploymentKey(waiting.entry));
  }

  #takeReading(key: string): void {
    const deployment = this.#deployments.get(key);
    if (deployment !== undefined) this.#reconcile(deployment);
  }

  #takeDependencies(deployment: Deployment): void {
    const { dependencies, circle } = dependenciesOf(deployment, this.#deployments);
    const { desired } = deployment.entry;
    if (circle !== undefined && desired !== undefined) {
      const message = `${circle.join(' waits for ')}: take one of these out of spec.rollout.dependsOn`;
      this.#tellOnce(deployment, { severity: 'error', code: 'DEPENDENCY_CIRCLE', message, commit: desired.commit });
    }
    deployment.setDependencies(dependencies);
  }

  /** What an action asks for beside the routes. */
  #followUp(deployment: Deployment, action: Action): void {
    if (action.kind !== 'end' || action.outcome === 'superseded') return;
    const { state } = deployment;
    const plan = deployment.entry.desired?.spec.rollout;
    const isPossible = state.stable !== undefined && plan !== undefined && plan.writeBack !== 'none';
    deployment.setWriteBack(isPossible ? { state: 'pending' } : { state: 'off' });
  }

  /** What a commit brings together does not get ready at once: only what still does not fit after a while is told. */
  #tellOfEnsemble(deployment: Deployment): void {
    if (deployment.ensembleProblem(this.#parts.fleet) === undefined) return;
    const task = { what: 'check the ensemble of', deploymentKey: deploymentKey(deployment.entry) };
    this.#tasks.later(task, ENSEMBLE_GRACE_MS, () => {
      const problem = deployment.ensembleProblem(this.#parts.fleet);
      const wanted = deployment.state.candidate ?? deployment.state.stable;
      if (problem === undefined || wanted === undefined) return;
      const { commit } = wanted.desired;
      const { version } = wanted.servable;
      this.#tellOnce(deployment, { severity: 'error', code: 'ENSEMBLE_INVALID', message: problem, commit, version });
    });
  }

  #tell(deployment: Deployment): void {
    for (const listener of this.#listeners) listener(deployment);
  }
}
