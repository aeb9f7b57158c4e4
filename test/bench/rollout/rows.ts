import { quantile } from '#testing';
import type { BenchRow } from '../bench-row.ts';
import { ANCHORS } from './anchors.ts';
import type { ComparedRun, Detected } from './detection.ts';
import type { FalseRollbacks } from './false-rollbacks.ts';
import type { RolloutRun } from './rollout-run.ts';

/** The most that some figures may be, by the ends of their rows' ids. */
const LIMITS: Readonly<Record<string, number>> = {
  'detect-100/requests-p50': 3,
  'detect-50/requests-p50': 6,
  'detect-10/requests-p50': 60,
  'detect-5/requests-p50': 200,
  'detect-100/requests-p99': 5,
  'detect-50/requests-p99': 20,
  'detect-10/requests-p99': 190,
  'detect-5/requests-p99': 700,
  'detect-100/ms-p50': 50,
  'false-rollback/share': 0.001,
  'client-failures/count': 0,
  'write-back/missing-or-twice': 0,
  'write-back/seconds-p95': 5,
};

const QUANTILES = { p50: 0.5, p99: 0.99 };

/** What becomes of a candidate that fails with a certain chance. */
export function detectionRows(errorRate: number, runs: readonly ComparedRun[]): BenchRow[] {
  const ours = runs.map((run) => run.ours);
  return Object.entries(QUANTILES).flatMap(([name, share]) => {
    const compared = (figure: string, unit: string, readOurs: (run: RolloutRun) => number, read?: ReadDetected) =>
      row(`detect-${errorRate * 100}/${figure}-${name}`, unit, runs.length, quantile(ours.map(readOurs), share), {
        ...(read === undefined ? {} : peersOf((index) => quantile(detectedOf(runs, index).map(read), share))),
      });
    return [
      compared('needed', 'requests', ({ needed }) => needed),
      compared(
        'requests',
        'requests',
        ({ requests }) => requests,
        ({ requests }) => requests,
      ),
      compared(
        'lost',
        'requests',
        ({ clientFailures }) => clientFailures,
        ({ lost }) => lost,
      ),
      compared(
        'seconds',
        's',
        ({ seconds }) => seconds,
        ({ seconds }) => seconds,
      ),
      compared('ms', 'ms', ({ msFromFirstFailure }) => msFromFirstFailure),
    ];
  });
}

/**
 * Over all runs together.
 *
 * @param reverted the commits that Git says were reverted, as often as they were.
 */
export function totalRows(runs: readonly ComparedRun[], reverted: readonly string[]): BenchRow[] {
  const ours = runs.map((run) => run.ours);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const once = ours.filter(({ commit }) => reverted.filter((one) => one === commit).length === 1);
  const writeBacks = ours.flatMap(({ writeBackSeconds }) => writeBackSeconds ?? []);
  return [
    row(
      'client-failures/count',
      'requests',
      runs.length,
      sum(ours.map(({ clientFailures }) => clientFailures)),
      peersOf((index) => sum(detectedOf(runs, index).map(({ lost }) => lost))),
    ),
    row('write-back/missing-or-twice', 'rollouts', runs.length, runs.length - once.length),
    row('write-back/seconds-p50', 's', runs.length, quantile(writeBacks, 0.5)),
    row('write-back/seconds-p95', 's', runs.length, quantile(writeBacks, 0.95)),
  ];
}

/** How often a good candidate is taken for a bad one. */
export function falseRollbackRow({ rollouts, ours, anchors }: FalseRollbacks): BenchRow {
  const peers = peersOf((index) => (anchors[index] ?? Number.NaN) / rollouts);
  return row('false-rollback/share', 'of rollouts', rollouts, ours / rollouts, peers);
}

type ReadDetected = (detected: Detected) => number;

function detectedOf(runs: readonly ComparedRun[], anchor: number): Detected[] {
  return runs.flatMap(({ anchors }) => anchors[anchor] ?? []);
}

/** A figure of each of the others. */
function peersOf(figureOf: (anchor: number) => number): Record<string, number> {
  return Object.fromEntries(ANCHORS.map(({ name }, index) => [name, figureOf(index)]));
}

/** Smaller is better in all of them. */
function row(id: string, unit: string, runs: number, ours: number, peers: Record<string, number> = {}): BenchRow {
  const limit = LIMITS[id] ?? Number.NaN;
  // Nothing is as good as nothing.
  const ratio = ours === limit ? 1 : limit / ours;
  return { id, unit, ours, against: limit, ratio, goal: Number.isNaN(limit) ? Number.NaN : 1, runs, peers };
}
