import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessTree } from './process-tree.ts';

/** A program to run on certain cores. */
export interface PinnedProgram {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** As `taskset` takes them. */
  readonly cores: string;
}

/** A running server that can be held still while others are measured. */
export class PinnedProcess {
  readonly name: string;
  readonly tree: ProcessTree;
  readonly #child: ChildProcess;
  readonly #folder: string;

  constructor({ name, command, args, environment, cores }: PinnedProgram) {
    this.name = name;
    this.#folder = mkdtempSync(join(tmpdir(), `bench-${name}-`));
    this.#child = spawn('taskset', ['--cpu-list', cores, command, ...args], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A session of its own, so that its workers can be found.
      detached: true,
      env: { ...process.env, ...environment },
    });
    const log = createWriteStream(this.#logFile);
    this.#child.stdout?.pipe(log);
    this.#child.stderr?.pipe(log);
    this.tree = new ProcessTree(this.#child.pid ?? 0);
    process.once('exit', this.#kill);
  }

  get #logFile(): string {
    return join(this.#folder, 'log');
  }

  /** Waits until `ask` does not throw any more. @throws Error with the end of the log when the server ends or time is up. */
  async untilReady(ask: () => Promise<unknown>, withinMs: number): Promise<void> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      try {
        await ask();
        return;
      } catch (error) {
        if (this.#child.exitCode !== null || performance.now() > deadlineMs)
          throw new Error(`${this.name} did not start (${error}):\n${this.#log()}`);
        await sleep(200);
      }
    }
  }

  #log(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-2000);
  }

  /** Holds all of its processes still: some work even when nobody asks them anything. */
  freeze(): void {
    this.tree.signal('SIGSTOP');
  }

  thaw(): void {
    this.tree.signal('SIGCONT');
  }

  readonly #kill = () => this.tree.signal('SIGKILL');

  stop(): void {
    this.#kill();
    process.off('exit', this.#kill);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Moves a running process with all of its threads to the cores; what it starts from then on stays there. */
export function pin(pid: number, cores: string): void {
  const { status, stderr } = spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot pin process ${pid} to cores ${cores}: ${stderr}`);
}
