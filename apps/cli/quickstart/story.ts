import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentStatus } from '#generated/deployment-status';
import { batchOf, type HeldOutDigits } from './digits.ts';
import type { Reporter } from './reporter.ts';
import { type LoadTotals, SteadyLoad } from './steady-load.ts';

const DEPLOYMENT = 'digits';
const MANIFEST_FILE = 'digits.yaml';
const REQUESTS_PER_SECOND = 200;
const CLASSIFY_BATCH = 50;
/** A real step takes seconds; past this something is broken. */
const STEP_DEADLINE_MS = 120_000;
/** A run that was cut off before its first deployment was ready has nothing to wait for. */
const RESTART_DEADLINE_MS = 10_000;
const RESTART_POLL_MS = 20;

/** One batch of digits, classified. */
export interface Classification {
  readonly labels: readonly number[];
  readonly modelVersion: string;
  readonly isFallback: boolean;
}

/** All that the story needs of Slipway: its public interfaces, and nothing else. */
export interface StoryClients {
  /** Registers a model file, as `slipway model push` does. Answers the version's number. */
  push(model: string, file: string, metadataFile: string, idempotencyKey: string): Promise<number>;
  /** Commits and pushes the text of a manifest. Answers the commit. */
  commitManifest(file: string, text: string, message: string): Promise<string>;
  /** The message of a commit of the deployments' repository. */
  commitMessage(commit: string): Promise<string>;
  /** Every state of the deployment from now on. */
  watch(deployment: string, signal: AbortSignal): AsyncIterable<DeploymentStatus>;
  classifyByRest(model: string, pixels: readonly number[], rows: number): Promise<Classification>;
  classifyByGrpc(model: string, pixels: readonly number[], rows: number): Promise<Classification>;
}

/** The figures of the closing table. */
export interface StoryResult {
  readonly accuracyRest: number;
  readonly accuracyGrpc: number;
  readonly readyMs: number;
  readonly promoteMs: number;
  readonly requestsUntilRollback: number;
  readonly errorsUntilRollback: number;
  readonly rollbackMs: number;
  readonly rollbackCommit: string;
  readonly load: LoadTotals;
}

/** The story of the quickstart, told through public interfaces only. */
export class Story {
  readonly #clients: StoryClients;
  readonly #digits: HeldOutDigits;
  readonly #models: string;
  readonly #reporter: Reporter;
  /** Makes each run's specifications new, so that what an earlier run saw rolled back is tried again. */
  readonly #runId: string;
  #lastEventId = 0;

  constructor(
    clients: StoryClients,
    digits: HeldOutDigits,
    modelsDirectory: string,
    reporter: Reporter,
    runId: string,
  ) {
    this.#clients = clients;
    this.#digits = digits;
    this.#models = modelsDirectory;
    this.#reporter = reporter;
    this.#runId = runId;
  }

  /**
   * Tells the whole story.
   *
   * @param isServing whether an earlier run left the deployment in place; the load then starts before the first commit, because
   *   a candidate without traffic is never promoted.
   * @throws Error when a step did not do what it should.
   */
  async tell(isServing: boolean): Promise<StoryResult> {
    const load = new SteadyLoad(REQUESTS_PER_SECOND, (index) => this.#classifyOne(index));
    await this.#registerVersions();
    const isAnswering = isServing && (await this.#answersAgain());
    if (isAnswering) load.start();
    try {
      const readyMs = await this.#deployFirst();
      const { accuracyRest, accuracyGrpc } = await this.#classifyHeldOut();
      if (!isAnswering) load.start();
      const promoteMs = await this.#promoteBetter();
      const rollback = await this.#rollBackBroken();
      const totals = await load.stop();
      this.#requireNoFailures(totals);
      return { accuracyRest, accuracyGrpc, readyMs, promoteMs, ...rollback, load: totals };
    } finally {
      await load.stop();
    }
  }

  /** Whether the deployment of an earlier run answers, once the gateway has loaded it again. */
  async #answersAgain(): Promise<boolean> {
    const deadlineMs = performance.now() + RESTART_DEADLINE_MS;
    while (performance.now() < deadlineMs) {
      if (
        await this.#classifyOne(0).then(
          () => true,
          () => false,
        )
      )
        return true;
      await sleep(RESTART_POLL_MS);
    }
    return false;
  }

  async #registerVersions(): Promise<void> {
    this.#reporter.begin('Register three versions of a digit classifier');
    for (const version of [1, 2, 3]) {
      const file = join(this.#models, `digits-${version}.onnx`);
      const metadata = join(this.#models, `metadata-${version}.json`);
      const number = await this.#clients.push(DEPLOYMENT, file, metadata, `quickstart-digits-${version}`);
      require(number === version, `digits-${version}.onnx was registered as version ${number}, not ${version}`);
      this.#reporter.note(`digits@${number}`);
    }
    this.#reporter.end('digits@1, @2 and @3, with metrics and training data');
  }

  async #deployFirst(): Promise<number> {
    this.#reporter.begin('Commit a deployment of version 1');
    const startedMs = performance.now();
    await this.#release(1, (status) => status.phase === 'Healthy' && status.stable?.version === 1);
    const readyMs = performance.now() - startedMs;
    this.#reporter.end(`serving ${seconds(readyMs)} after the commit`);
    return readyMs;
  }

  async #classifyHeldOut(): Promise<{ accuracyRest: number; accuracyGrpc: number }> {
    this.#reporter.begin('Classify held-out digits over REST and gRPC');
    const accuracyRest = await this.#accuracyOf((pixels, rows) =>
      this.#clients.classifyByRest(DEPLOYMENT, pixels, rows),
    );
    const accuracyGrpc = await this.#accuracyOf((pixels, rows) =>
      this.#clients.classifyByGrpc(DEPLOYMENT, pixels, rows),
    );
    this.#reporter.end(
      `${this.#digits.labels.length} digits, accuracy ${percent(accuracyRest)} (REST), ${percent(accuracyGrpc)} (gRPC)`,
    );
    return { accuracyRest, accuracyGrpc };
  }

  async #promoteBetter(): Promise<number> {
    this.#reporter.begin(`Commit version 2 under ${REQUESTS_PER_SECOND} requests/s`);
    const startedMs = performance.now();
    await this.#release(2, (status) => status.phase === 'Healthy' && status.stable?.version === 2);
    const promoteMs = performance.now() - startedMs;
    this.#reporter.end(`promoted after ${seconds(promoteMs)} of live traffic`);
    return promoteMs;
  }

  async #rollBackBroken(): Promise<
    Pick<StoryResult, 'requestsUntilRollback' | 'errorsUntilRollback' | 'rollbackMs' | 'rollbackCommit'>
  > {
    this.#reporter.begin('Commit version 3, which fails on some digits');
    const status = await this.#release(3, (now) => isWrittenBack(now) && now.lastRollout?.outcome === 'rolledBack');
    const { evidence, writeBack } = status.lastRollout ?? {};
    require(status.stable?.version === 2, `version ${status.stable?.version} is stable after the rollback, not 2`);
    require(evidence !== undefined, 'the rollback came without evidence');
    require(writeBack?.commit !==
      undefined, `the rollback was not committed: ${writeBack?.message ?? 'no reason given'}`);
    this.#reporter.end(
      `rolled back ${evidence.detectionMs ?? 0} ms after its first error, committed as ${writeBack.commit.slice(0, 10)}`,
    );
    const message = await this.#clients.commitMessage(writeBack.commit);
    for (const line of message.trim().split('\n')) this.#reporter.note(line);
    return {
      requestsUntilRollback: evidence.requests,
      errorsUntilRollback: evidence.serverErrors,
      rollbackMs: evidence.detectionMs ?? 0,
      rollbackCommit: writeBack.commit,
    };
  }

  /** Commits a version and follows the deployment until the goal is reached. */
  async #release(version: number, isReached: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
    const commit = await this.#clients.commitManifest(
      MANIFEST_FILE,
      manifestOf(version, this.#runId),
      `Serve digits ${version}`,
    );
    const deadline = AbortSignal.timeout(STEP_DEADLINE_MS);
    let last: DeploymentStatus | undefined;
    try {
      for await (const status of this.#clients.watch(DEPLOYMENT, deadline)) {
        this.#noteNewEvents(status, last);
        last = status;
        this.#reporter.update(progressOf(status));
        const isOurs = status.desired?.commit === commit || status.lastRollout?.commit === commit;
        if (isOurs && isReached(status)) return status;
        if (isOurs && version !== 3 && (status.phase === 'RolledBack' || status.phase === 'Failed')) break;
      }
    } catch (error) {
      if (!deadline.aborted) throw error;
    }
    throw new Error(`version ${version} did not get where it should; the last state was: ${last?.message ?? 'none'}`);
  }

  /** Events that came after the previous state; those before the first one are an earlier step's. */
  #noteNewEvents(status: DeploymentStatus, previous: DeploymentStatus | undefined): void {
    const seen = previous?.events.at(-1)?.id ?? this.#lastEventId;
    for (const event of status.events.filter(({ id }) => id > seen)) this.#reporter.note(event.message);
    this.#lastEventId = status.events.at(-1)?.id ?? seen;
  }

  async #classifyOne(index: number): Promise<{ isFallback: boolean }> {
    const { pixels } = batchOf(this.#digits, index, 1);
    return this.#clients.classifyByRest(DEPLOYMENT, pixels, 1);
  }

  async #accuracyOf(classify: (pixels: readonly number[], rows: number) => Promise<Classification>): Promise<number> {
    const total = this.#digits.labels.length;
    let correct = 0;
    for (let from = 0; from < total; from += CLASSIFY_BATCH) {
      const batch = batchOf(this.#digits, from, Math.min(CLASSIFY_BATCH, total - from));
      const { labels } = await classify(batch.pixels, batch.labels.length);
      correct += labels.filter((label, row) => label === batch.labels[row]).length;
      this.#reporter.update(`${from + batch.labels.length}/${total}`);
    }
    return correct / total;
  }

  #requireNoFailures(load: LoadTotals): void {
    require(load.failed ===
      0, `${load.failed} of ${load.sent} client requests failed, the first with: ${load.firstFailure}`);
  }
}

function manifestOf(version: number, runId: string): string {
  return `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata:
  name: ${DEPLOYMENT}
spec:
  model: ${DEPLOYMENT}
  version: ${version}
  resources: {deadline: 2s}
  rollout:
    strategy: canary
    steps:
      - setWeight: 20
      - analyse: {minRequests: 80}
      - setWeight: 50
      - analyse: {minRequests: 200}
    gates:
      - {metric: error-rate, max: 0.01, confidence: 0.999}
    retryToken: "${runId}"
`;
}

function progressOf(status: DeploymentStatus): string {
  const { candidate } = status;
  if (candidate === undefined) return status.phase;
  const counts = `${candidate.requests} requests, ${candidate.serverErrors} errors`;
  return `version ${candidate.version} at ${candidate.weightPercent} % · ${counts} · ${candidate.step}`;
}

function isWrittenBack(status: DeploymentStatus): boolean {
  const state = status.lastRollout?.writeBack?.state;
  return state === 'committed' || state === 'abandoned';
}

function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
export const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
