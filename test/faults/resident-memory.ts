import { childrenOf, residentMibOf } from '../servers/process-table.ts';

/** Of one process: MiB in memory at each look. */
type Samples = number[];

/** Follows how much memory a server and its runners have. */
export class ResidentMemory {
  readonly #pids: readonly number[];
  #samples = new Map<number, Samples>();
  readonly #timer: NodeJS.Timeout;

  /** @param server its process id; the runners are its children of now. */
  constructor(server: number, everyMs: number) {
    this.#pids = [server, ...childrenOf(server)];
    this.forget();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Process ids, the server's first. */
  get pids(): readonly number[] {
    return this.#pids;
  }

  /** Whether each process of the beginning is still there. */
  get areAlive(): boolean {
    return this.#pids.every((pid) => residentMib(pid) !== undefined);
  }

  /** Begins anew. */
  forget(): void {
    this.#samples = new Map(this.#pids.map((pid) => [pid, []]));
  }

  /** MiB of the server at the last look. */
  get serverMib(): number {
    return this.#samples.get(this.#pids[0] ?? 0)?.at(-1) ?? Number.NaN;
  }

  /** Medians of the thirds of all looks since the beginning, in MiB, by process. */
  thirds(): { readonly pid: number; readonly mib: readonly [number, number, number] }[] {
    return [...this.#samples].map(([pid, samples]) => {
      const third = Math.floor(samples.length / 3);
      const medianFrom = (start: number) => median(samples.slice(start, start + third));
      return { pid, mib: [medianFrom(0), medianFrom(third), medianFrom(2 * third)] };
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [pid, samples] of this.#samples) {
      const mib = residentMib(pid);
      if (mib !== undefined) samples.push(mib);
    }
  }
}

/** `undefined` when the process is gone. */
function residentMib(pid: number): number | undefined {
  try {
    return residentMibOf(pid);
  } catch {
    return undefined;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
