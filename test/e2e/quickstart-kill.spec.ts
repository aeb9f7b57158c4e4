import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireProgram } from '../servers/system-program.ts';
import { expectConsistentState } from './consistent-state.ts';
import { freshStateDirectory, type QuickstartRun, runQuickstart, startQuickstart } from './quickstart-process.ts';

/**
 * Where a run is killed: as soon as its output shows the marker, plus a delay. Together they fall into every step of the story:
 * registration, first deployment, classification, both rollouts, the rollback and its commit.
 */
const KILL_POINTS: readonly { readonly marker: RegExp; readonly delayMs: number; readonly what: string }[] = [
  { marker: /\[1\] Register/, delayMs: 0, what: 'before the first registration' },
  { marker: /digits@1/, delayMs: 3, what: 'between two registrations' },
  { marker: /digits@2/, delayMs: 15, what: 'while the third version is uploaded' },
  { marker: /\[2\] Commit a deployment/, delayMs: 0, what: 'before the first commit' },
  { marker: /\[2\] Commit a deployment/, delayMs: 250, what: 'while the first version is loaded' },
  { marker: /\[3\] Classify/, delayMs: 30, what: 'while digits are classified' },
  { marker: /\[4\] Commit version 2/, delayMs: 100, what: 'while the candidate is loaded' },
  { marker: /\[4\] Commit version 2/, delayMs: 1500, what: 'in the middle of the canary steps' },
  { marker: /\[4\] .*promoted/, delayMs: 0, what: 'right after the promotion' },
  { marker: /\[5\] Commit version 3/, delayMs: 150, what: 'while the broken candidate is loaded' },
  { marker: /\[5\] Commit version 3/, delayMs: 500, what: 'around the decision to roll back' },
  { marker: /\[5\] .*rolled back/, delayMs: 0, what: 'right after the rollback commit' },
];

describe('a quickstart that is killed with SIGKILL', () => {
  const stateDir = freshStateDirectory();
  beforeAll(() => requireProgram('ps', ['procps']));
  afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

  for (const point of KILL_POINTS) {
    it(`${point.what}: what it leaves behind is consistent`, async () => {
      const run = startQuickstart(stateDir);
      await untilOutput(run, point.marker);
      await sleep(point.delayMs);
      // The whole group at once, as in a power cut; the server does not get to see its parent's end.
      await killEverything(run);
      await expectConsistentState(stateDir);
    });
  }

  it('tells the whole story when it is started again', async () => {
    const run = await runQuickstart(stateDir);
    expect(run.output, run.output).toMatch(/failed client requests +0\n/);
    expect(run.exitCode).toBe(0);
  });
});

async function untilOutput(run: QuickstartRun, marker: RegExp): Promise<void> {
  let exitCode: number | null | undefined;
  void run.exited.then((code) => {
    exitCode = code;
  });
  const deadlineMs = performance.now() + 90_000;
  while (!marker.test(run.output)) {
    if (exitCode !== undefined || performance.now() > deadlineMs) {
      throw new Error(`the run ended (${exitCode}) or hung before ${marker}:\n${run.output}`);
    }
    await sleep(1);
  }
}

async function killEverything(run: QuickstartRun): Promise<void> {
  for (const pid of descendantsOf(run.child.pid ?? 0).toReversed()) killQuietly(pid);
  await run.exited;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

/** The process and all below it, parents first. */
function descendantsOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(descendantsOf)];
}

function childrenOf(pid: number): number[] {
  const listing = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  return listing
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child ?? 0);
}
