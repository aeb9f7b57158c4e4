import type { Duplex } from 'node:stream';

/** How a program is started. */
export interface ProgramStart {
  /** A path, or a name that is looked up in this process's `PATH`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Its file descriptors from 0 on: nothing, a stream to this process, or a descriptor of this process. */
  readonly stdio: readonly ('ignore' | 'pipe' | number)[];
}

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit status; `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that was started. */
export interface Program {
  readonly pid: number;
  /** For each file descriptor that is a pipe. */
  readonly streams: readonly (Duplex | undefined)[];
  /** When it has ended and all has been read that it wrote. */
  readonly ended: Promise<ProgramEnd>;
  /** Ends it with SIGKILL, unless it has ended. */
  kill(): void;
}
