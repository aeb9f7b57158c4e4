import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startProgram } from '#adapters/child-process';
import { alternate, type BenchRow } from '../bench-row.ts';

/** What a gateway and a controller in one process take after a while. */
const MEMORY_MB = 300;
const PAGE_BYTES = 4096;
const RUNS = 25;
const GOAL = 5;
const env = { PATH: '/usr/bin:/bin' };

/**
 * For how long a process of 300 MB stands still when it starts a program, and what its next write to each page costs, against
 * Node.js's own way.
 */
export async function measureStartProgram(): Promise<BenchRow[]> {
  const memory = Array.from({ length: MEMORY_MB }, () => Buffer.alloc(1_000_000, 1));
  const touchAll = () => {
    for (const part of memory) for (let at = 0; at < part.length; at += PAGE_BYTES) part[at] = (part[at] as number) ^ 1;
  };
  const { ours, against } = await alternate(
    RUNS,
    async () => {
      touchAll();
      const startedMs = performance.now();
      const program = startProgram({ command: 'true', args: [], env, stdio: ['ignore', 'pipe', 'pipe'] });
      touchAll();
      const tookMs = performance.now() - startedMs;
      for (const stream of program.streams) stream?.resume();
      await program.ended;
      return tookMs;
    },
    async () => {
      touchAll();
      const startedMs = performance.now();
      const child = spawn('true', [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      touchAll();
      const tookMs = performance.now() - startedMs;
      await once(child, 'close');
      return tookMs;
    },
  );
  return [{ id: 'start-program/fork', unit: 'ms', ours, against, ratio: against / ours, goal: GOAL, runs: RUNS }];
}
