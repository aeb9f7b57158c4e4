import { seededNumbers } from '#testing';
import { progress, short } from '../progress.ts';
import { ANCHORS, ANCHORS_HORIZON_MS } from './anchors.ts';
import { countUntil } from './candidate-stream.ts';
import { continuedStream } from './continued-stream.ts';
import { type DigitRequests, SeededRequests } from './digit-requests.ts';
import { OpenLoop } from './open-loop.ts';
import { type Lane, type RolloutRun, runRollout } from './rollout-run.ts';
import { CANDIDATE_VERSION, type RolloutServer, STABLE_VERSION } from './rollout-server.ts';
import { StatusWatch } from './status-watch.ts';

/** Deployments that can be measured at the same time, each with 500 requests/s of its own. */
const LANES = 3;
/**
 * Candidates that fail so often are out within a few requests, and one more of them counts: they have the machine for themselves. For
 * the others what Git and two more loads take of it does not show.
 */
const ALONE_FROM_ERROR_RATE = 0.5;

/** When a bad candidate was taken out, by us or by the rules of others. */
export interface Detected {
  /** Requests that it got until then. */
  readonly requests: number;
  /** Requests that clients saw fail. */
  readonly lost: number;
  readonly seconds: number;
}

/** A run, and what the others would have made of its requests, in the order of {@link ANCHORS}. */
export interface ComparedRun {
  readonly ours: RolloutRun;
  readonly anchors: readonly Detected[];
}

/** Deployments on one server that take turns through runs. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #requests: DigitRequests;

  private constructor(lanes: readonly Lane[], requests: DigitRequests) {
    this.#lanes = lanes;
    this.#requests = requests;
  }

  /** Deploys the stable version as often as there are lanes, and waits until it serves. */
  static async open(server: RolloutServer, requests: DigitRequests): Promise<Lanes> {
    const lanes = Array.from({ length: LANES }, (_, index) => {
      const deployment = `digits-${index}`;
      const load = new OpenLoop(server.gateway, deployment, CANDIDATE_VERSION);
      return { deployment, server, load, watch: new StatusWatch(server.controller, deployment) };
    });
    for (const { deployment, watch } of lanes) {
      await server.release(deployment, STABLE_VERSION, 'first');
      await watch.until(`${deployment} serves`, ({ phase, stable }) => (phase === 'Healthy' ? stable : undefined));
    }
    return new Lanes(lanes, requests);
  }

  /** Rolls a candidate out that fails with the given chance, so many times; each run has a seed of its own. */
  async measure(errorRate: number, runs: number): Promise<ComparedRun[]> {
    const requestsOf = (seed: number) => new SeededRequests(this.#requests, errorRate, seed);
    const measured: { readonly seed: number; readonly ours: RolloutRun }[] = [];
    let next = 0;
    const walk = async (lane: Lane) => {
      while (next < runs) {
        const seed = Math.round(errorRate * 100) * 1_000_000 + next;
        next += 1;
        measured.push({ seed, ours: await runRollout(lane, requestsOf(seed), `run-${seed}`) });
        if (measured.length % 20 === 0 || measured.length === runs) {
          progress(
            progressOf(
              errorRate,
              measured.map(({ ours }) => ours),
              runs,
            ),
          );
        }
      }
    };
    const lanes = errorRate >= ALONE_FROM_ERROR_RATE ? this.#lanes.slice(0, 1) : this.#lanes;
    await Promise.all(lanes.map(walk));
    // Only now: it would hold up the loads of the other lanes.
    return measured.map(({ seed, ours }) => ({
      ours,
      anchors: detectAsOthers(requestsOf(seed), ours.isOfCandidate, seed),
    }));
  }

  async close(): Promise<void> {
    for (const { load, watch } of this.#lanes) {
      load.close();
      await watch.stop();
    }
  }
}

function detectAsOthers(requests: SeededRequests, isOfCandidate: readonly boolean[], seed: number): Detected[] {
  const random = seededNumbers(seed + 500_000);
  const firstScrape01 = random();
  const stream = continuedStream(requests, isOfCandidate, random);
  return ANCHORS.map((anchor) => {
    const atMs = anchor.rollbackAtMs(stream, firstScrape01, ANCHORS_HORIZON_MS) ?? Number.POSITIVE_INFINITY;
    const lost = countUntil(stream.errorsMs, atMs);
    return { requests: countUntil(stream.successesMs, atMs) + lost, lost, seconds: atMs / 1000 };
  });
}

function progressOf(errorRate: number, measured: readonly RolloutRun[], runs: number): string {
  const [requests, failed, sent] = (['requests', 'failed', 'sentPerSecond'] as const).map((figure) =>
    short(measured.reduce((sum, run) => sum + run[figure], 0) / measured.length),
  );
  const done = `failing ${short(errorRate * 100)} %, ${measured.length}/${runs}`;
  return `${done}: out after ${requests} requests on average, of which ${failed} failed, at ${sent} requests/s`;
}
