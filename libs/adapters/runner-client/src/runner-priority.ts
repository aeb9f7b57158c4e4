import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** A tenth of what others get who want the processor at the same time. */
const YIELDING_NICENESS = 10;
const CAP_SYS_NICE = 1n << 23n;

/**
 * Lets others go before a process that was just started: what it loads is to take no time from what is served.
 *
 * @returns whether it does. Only where the priority can be given back, which Linux leaves to root and to those with CAP_SYS_NICE.
 */
export function yieldTime(pid: number): boolean {
  if (!canRestore()) return false;
  try {
    setPriority(pid, YIELDING_NICENESS);
    return true;
  } catch {
    // It has ended already.
    return false;
  }
}

/** Gives all threads of a process the priority of this one again. */
export function stopYielding(pid: number): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), getPriority());
  } catch {
    // It, or a thread, has ended meanwhile.
  }
}

function canRestore(): boolean {
  if (process.platform !== 'linux') return false;
  const effective = /^CapEff:\s+([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & CAP_SYS_NICE) !== 0n;
}
