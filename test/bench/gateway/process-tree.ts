import { readdirSync, readFileSync } from 'node:fs';

/** A process with all that it started, also what has left its group or lost its parent since it was first seen. */
export class ProcessTree {
  readonly #root: number;
  /** Start times by process id: an id may be used again by somebody else. */
  #seen = new Map<number, string>();

  constructor(root: number) {
    this.#root = root;
  }

  pids(): number[] {
    const all = readProcesses();
    const members = new Map<number, string>();
    const isMember = ({ pid, parent, session, started }: ProcessEntry) =>
      pid === this.#root || session === this.#root || members.has(parent) || this.#seen.get(pid) === started;
    // A child may come before its parent in the list.
    for (let found = -1; found !== members.size; ) {
      found = members.size;
      for (const entry of all) if (isMember(entry)) members.set(entry.pid, entry.started);
    }
    this.#seen = members;
    return [...members.keys()];
  }

  signal(signal: NodeJS.Signals): void {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Memory in MiB, pages that processes share counted once in all. */
  memoryMib(): number {
    return this.pids().reduce((sum, pid) => sum + proportionalKib(pid), 0) / 1024;
  }
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly started: string;
}

function readProcesses(): ProcessEntry[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = readProc(pid, 'stat');
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (stat === '') return [];
    return [{ pid: Number(pid), parent: Number(fields[1]), session: Number(fields[3]), started: fields[19] ?? '' }];
  });
}

function proportionalKib(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readProc(String(pid), 'smaps_rollup'))?.[1] ?? 0);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
