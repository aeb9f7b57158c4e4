import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../progress.ts';
import type { SeededRequests } from './digit-requests.ts';
import type { OpenLoop, SentRequest } from './open-loop.ts';
import { requestsNeeded } from './requests-needed.ts';
import { CANDIDATE_VERSION, type RolloutServer } from './rollout-server.ts';
import type { StatusWatch } from './status-watch.ts';

/** The load goes on for so long after the rollback, so that a candidate that still gets requests is seen. */
const AFTERWARDS_MS = 200;
const CANDIDATE_PERCENT = 10;

/** One rollout of a bad candidate, from the outside. */
export interface RolloutRun {
  /** Requests that reached the candidate, all of them. */
  readonly requests: number;
  /** Those after which the gate had evidence enough: see {@link requestsNeeded}. */
  readonly needed: number;
  /** Of {@link requests}, those that it failed. */
  readonly failed: number;
  /** From the first answer that stable gave in its place to the last request that was sent to it. */
  readonly msFromFirstFailure: number;
  /** From the first request of all to the last one that was sent to it. */
  readonly seconds: number;
  /** Requests that a client saw fail. */
  readonly clientFailures: number;
  /** From the decision to the commit in Git; `undefined` where the controller gave it up. */
  readonly writeBackSeconds: number | undefined;
  /** The commit that brought the candidate. */
  readonly commit: string;
  /** What the load came to: less than it should where the machine has too much to do. */
  readonly sentPerSecond: number;
  /** For each request, in the order in which they were sent, whether it went to the candidate. */
  readonly isOfCandidate: readonly boolean[];
}

/** Where a run takes place: a deployment with a stable version and no candidate. */
export interface Lane {
  readonly deployment: string;
  readonly server: RolloutServer;
  readonly watch: StatusWatch;
  readonly load: OpenLoop;
}

/** Releases the candidate by a commit, sends requests until it is rolled back, and waits for the commit that says so. */
export async function runRollout(lane: Lane, requests: SeededRequests, token: string): Promise<RolloutRun> {
  const { deployment, server, watch, load } = lane;
  const commit = await server.release(deployment, CANDIDATE_VERSION, token);
  await watch.until(`${deployment} has a candidate`, ({ candidate }) =>
    candidate?.commit === commit && candidate.weightPercent === CANDIDATE_PERCENT ? true : undefined,
  );
  const rolledBack = watch.until(`${deployment} is rolled back`, ({ lastRollout }) =>
    lastRollout?.commit === commit ? lastRollout : undefined,
  );
  const sent = await load.run(
    requests,
    rolledBack.then(() => sleep(AFTERWARDS_MS)),
  );
  const { outcome, reason, endedAt } = await rolledBack;
  if (outcome !== 'rolledBack') throw new Error(`the rollout on ${deployment} was ${outcome}: ${reason}`);
  const writtenBackAt = await untilWrittenBack(lane);
  const writeBackSeconds =
    writtenBackAt === undefined ? undefined : (Date.parse(writtenBackAt) - Date.parse(endedAt)) / 1000;
  return { ...measured(sent), writeBackSeconds, commit };
}

/** When the commit was made; `undefined` where none was. */
async function untilWrittenBack({ deployment, watch }: Lane): Promise<string | undefined> {
  const { at } = await watch.until(`the rollback on ${deployment} is in Git`, ({ lastRollout, events }) => {
    const { state, commit, message } = lastRollout?.writeBack ?? {};
    if (state === 'abandoned' || state === 'off') {
      progress(`no commit of the rollback on ${deployment}: ${message ?? state}`);
      return { at: undefined };
    }
    return events.find((event) => event.code === 'WrittenBack' && event.commit === commit);
  });
  return at;
}

function measured(sent: readonly SentRequest[]): Omit<RolloutRun, 'writeBackSeconds' | 'commit'> {
  const ofCandidate = sent.filter(({ isOfCandidate }) => isOfCandidate);
  const failed = ofCandidate.filter(({ isSaved }) => isSaved);
  const lastSentMs = ofCandidate.at(-1)?.sentMs ?? Number.NaN;
  const firstFailureMs = Math.min(...failed.map(({ answeredMs }) => answeredMs));
  return {
    requests: ofCandidate.length,
    needed: requestsNeeded(sent, CANDIDATE_PERCENT / 100),
    failed: failed.length,
    // Requests that were in work at the first failure may have been the last ones.
    msFromFirstFailure: Math.max(0, lastSentMs - firstFailureMs),
    seconds: (lastSentMs - (sent[0]?.sentMs ?? Number.NaN)) / 1000,
    clientFailures: sent.filter(({ status }) => status !== 200).length,
    sentPerSecond: (sent.length - 1) / (((sent.at(-1)?.sentMs ?? Number.NaN) - (sent[0]?.sentMs ?? Number.NaN)) / 1000),
    isOfCandidate: sent.map(({ isOfCandidate }) => isOfCandidate),
  };
}
