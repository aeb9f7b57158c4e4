import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;

/** Memory that a process has now, in MiB. @throws when it is gone. */
export function residentMibOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KIB_PER_MIB;
}

/** Process ids of those that a process has started, the oldest first. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number)
    .sort((left, right) => left - right);
}

/** Of a process that may just have ended. */
function parentOf(pid: string): number | undefined {
  try {
    // The program's name, in parentheses, may hold spaces.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}
