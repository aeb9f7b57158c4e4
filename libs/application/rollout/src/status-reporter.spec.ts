import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredDeployment } from '#domain/rollout';
import { INITIAL_STATE } from '#domain/rollout';
import type { CommitStatus } from './commit-status.ts';
import { Deployment } from './deployment.ts';
import { StatusReporter } from './status-reporter.ts';

let published: string[];
let isDown: boolean;
let now: number;
let tasks: { dueMs: number; task: () => void }[];
let reporter: StatusReporter;
/** Answers that a test holds back, by commit. */
let held: Map<string, () => void>;

const settle = () => new Promise(setImmediate);
const pass = async (ms: number) => {
  now += ms;
  const due = tasks.filter(({ dueMs }) => dueMs <= now);
  tasks = tasks.filter(({ dueMs }) => dueMs > now);
  for (const { task } of due) task();
  await settle();
};
const desired = (commit: string, version: number) =>
  ({
    spec: { model: 'digits', version, rollout: { steps: [] } },
    specHash: `v${version}`,
    commit,
    file: 'a.yaml',
  }) as unknown as DesiredDeployment;

/** A deployment that serves one version while Git asks for another, which was rejected or not. */
function deployment(commit: string, version: number, stable: number, rejectedReason?: string): Deployment {
  const record = { rolloutId: 'r', version, commit, specHash: `v${version}`, startedAtMs: 0, endedAtMs: 0 };
  return new Deployment({
    namespace: 'default',
    name: 'digits',
    desired: desired(commit, version),
    state: {
      ...INITIAL_STATE,
      stable: { desired: desired('c0', stable), servable: { version: stable } } as never,
      ...(rejectedReason === undefined
        ? {}
        : {
            rejected: [`v${version}`],
            lastRollout: { ...record, outcome: 'rolledBack', reason: rejectedReason } as never,
          }),
    },
    events: [{ id: 1, atMs: 5_000_000, severity: 'info', code: 'x', message: '' }],
    nextEventId: 2,
  });
}

beforeEach(() => {
  published = [];
  isDown = false;
  now = 6_000_000;
  tasks = [];
  held = new Map();
  reporter = new StatusReporter({
    publisher: {
      maxConcurrent: 2,
      publish: async (status: CommitStatus) => {
        if (status.commit === 'held') await new Promise<void>((resolve) => held.set(status.description, resolve));
        if (isDown) throw new Error('the forge is down');
        published.push(`${status.commit} ${status.state}: ${status.description}`);
      },
    },
    scheduler: {
      nowMs: () => now,
      after: (delayMs, task) => {
        const entry = { dueMs: now + delayMs, task };
        tasks.push(entry);
        return () => {
          tasks = tasks.filter((other) => other !== entry);
        };
      },
    },
    onFailure: () => {},
  });
});

describe('StatusReporter', () => {
  it('tells of a version that waits, serves, and was rolled back', async () => {
    reporter.report(deployment('c1', 2, 1));
    await settle();
    reporter.report(deployment('c1', 2, 2));
    await settle();
    reporter.report(deployment('c2', 3, 2, 'error rate too high'));
    await settle();
    expect(published).toEqual([
      'c1 pending: not looked at yet',
      'c1 success: version 2 answers everything',
      'c2 failure: rolled back: error rate too high',
    ]);
  });

  it('publishes nothing twice', async () => {
    for (let count = 0; count < 3; count += 1) {
      reporter.report(deployment('c1', 2, 2));
      await settle();
    }
    expect(published).toHaveLength(1);
  });

  it('tries again with growing pauses, and publishes only the newest', async () => {
    isDown = true;
    reporter.report(deployment('c1', 2, 1));
    await settle();
    await pass(1000);
    await pass(1999);
    reporter.report(deployment('c1', 2, 2));
    await settle();
    isDown = false;
    await pass(1);
    expect(published).toEqual([]);
    await pass(1000);
    expect(published).toEqual(['c1 success: version 2 answers everything']);
    expect(reporter.waitingCount).toBe(0);
  });

  it('lets one that fails not hold up the others, nor two of one commit overtake each other', async () => {
    reporter.report(deployment('held', 2, 1));
    await settle();
    reporter.report(deployment('held', 2, 2));
    reporter.report(deployment('c1', 2, 2));
    await settle();
    expect(published).toEqual(['c1 success: version 2 answers everything']);
    held.get('not looked at yet')?.();
    await settle();
    await settle();
    held.get('version 2 answers everything')?.();
    await settle();
    expect(published.slice(1)).toEqual([
      'held pending: not looked at yet',
      'held success: version 2 answers everything',
    ]);
  });

  it('catches up after a restart with what changed of late', async () => {
    reporter.catchUp([deployment('c1', 2, 2)]);
    now += 3_600_000;
    reporter.catchUp([deployment('c2', 2, 2)]);
    await settle();
    expect(published).toEqual(['c1 success: version 2 answers everything']);
  });

  it('cuts long reasons to what forges take', async () => {
    reporter.report(deployment('c1', 2, 1, 'x'.repeat(500)));
    await settle();
    expect(published[0]?.length).toBe('c1 failure: '.length + 140);
  });
});
