import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { type Frame, type FrameHeader, FrameReader, headersOf, writeFrame } from './frame.ts';
import { residentBytes } from './resident-memory.ts';

/** How a runner is started. */
export interface RunnerProgram {
  /** Arguments of Node.js, the program's path last. */
  readonly nodeArguments: readonly string[];
  /** An empty folder to run in: a model must not find anything beside itself. */
  readonly workingDirectory: string;
}

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

const LOAD_TIMEOUT_MS = 120_000;

/**
 * One runner and the requests that wait for it. A request that runs out of time ends the process: native code that computes cannot
 * be told to stop.
 */
export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onLost: (reason: string) => void;
  readonly #ended: Promise<void>;
  #nextId = 1;
  #isClosed = false;
  #lastWords = '';

  /** @param onLost called once when the process ends without having been closed. */
  constructor(program: RunnerProgram, onLost: (reason: string) => void) {
    this.#onLost = onLost;
    this.#child = spawn(process.execPath, [...program.nodeArguments], {
      cwd: program.workingDirectory,
      // glibc keeps freed memory of big models otherwise; and a runner needs no secret of its parent.
      env: { MALLOC_MMAP_THRESHOLD_: '1000000', NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#channel = this.#child.stdio[3] as Duplex;
    const reader = new FrameReader((frame) => this.#take(frame));
    this.#channel.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    this.#channel.on('error', () => this.#child.kill('SIGKILL'));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      // A process that could not be started has no exit.
      this.#child.once('error', () => resolve());
    });
    this.#child.once('error', (error) => this.#end(`it cannot be started: ${error.message}`));
    this.#child.once('exit', (code, signal) => this.#end(signal === null ? `status ${code}` : `signal ${signal}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws MODEL_LOAD_FAILED, RUNNER_LOST */
  async load(modelPath: string, intraOpThreads: number): Promise<void> {
    await this.#request({ kind: 'load', modelPath, intraOpThreads }, [], LOAD_TIMEOUT_MS);
  }

  /** @throws MODEL_RUN_FAILED, UNSUPPORTED, DEADLINE_EXCEEDED, RUNNER_LOST */
  async infer(inputs: readonly Tensor[], outputNames: readonly string[], timeoutMs: number): Promise<Tensor[]> {
    const { tensors } = await this.#request(
      { kind: 'infer', tensors: headersOf(inputs), outputNames },
      inputs,
      timeoutMs,
    );
    return [...tensors];
  }

  async residentBytes(): Promise<number | undefined> {
    return this.pid === undefined ? undefined : residentBytes(this.pid);
  }

  /** Ends the process; what waits for it fails with RUNNER_LOST. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #request(header: FrameHeader, tensors: readonly Tensor[], timeoutMs: number): Promise<Frame> {
    if (timeoutMs <= 0) return Promise.reject(timeUp(0));
    const id = this.#nextId;
    this.#nextId = (this.#nextId % 0xffff_ffff) + 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#cutOff(id, timeoutMs), timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.#waiting.delete(id);
          then(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#channel.cork();
      writeFrame((bytes) => this.#channel.write(bytes), id, header, tensors);
      // Requests of one turn of the loop leave in one write.
      process.nextTick(() => this.#channel.uncork());
    });
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  #take({ id, header, tensors }: Frame): void {
    const waiting = this.#waiting.get(id);
    if (header.kind !== 'error') {
      waiting?.resolve({ id, header, tensors });
      return;
    }
    const code = Object.hasOwn(ERROR_CATALOGUE, header.code) ? (header.code as ErrorCode) : 'MODEL_RUN_FAILED';
    waiting?.reject(new DomainError(code, header.message));
  }

  #cutOff(id: number, timeoutMs: number): void {
    this.#waiting.get(id)?.reject(timeUp(timeoutMs));
    this.#lastWords = `a run took longer than its ${Math.round(timeoutMs)} ms`;
    this.#child.kill('SIGKILL');
  }

  #end(how: string): void {
    const words = this.#lastWords.trim();
    const reason = words === '' ? how : `${how}: ${words.split('\n').at(-1)}`;
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new DomainError('RUNNER_LOST', `the model's runner ended (${reason})`));
    }
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onLost(reason);
  }
}

function timeUp(timeoutMs: number): DomainError {
  return new DomainError(
    'DEADLINE_EXCEEDED',
    `the model did not answer within ${Math.max(0, Math.round(timeoutMs))} ms`,
  );
}
