import type { Duplex, Readable } from 'node:stream';
import { type Program, startProgram } from '#adapters/child-process';
import type { HostedModel, LoadProfile, RunAnswer, RunRequest } from '#application/serving';
import { DomainError, isDomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import { readAnswer, writeRun } from './lane-codec.ts';
import { LOAD_BELL, type ModelToLoad, readLoadedModel, writeMessage } from './load-message.ts';
import { residentBytes } from './resident-memory.ts';
import { stopYielding, yieldTime } from './runner-priority.ts';
import { SharedMemory } from './shared-memory.ts';

/** How a runner is started. */
export interface RunnerProgram {
  /** Arguments of Node.js, the program's path last. */
  readonly nodeArguments: readonly string[];
  /** An empty folder to run in: a model must not find anything beside itself. */
  readonly workingDirectory: string;
  /**
   * How long past its limit a run may be ended by the runner itself, which then goes on; in milliseconds. Absent: the runner cannot, and is
   * ended.
   */
  readonly graceMs?: number;
  /** How long loading a model may take, in milliseconds. Default: two minutes. */
  readonly loadLimitMs?: number;
  /** How long a runner that computes nothing may take to end by itself, in milliseconds. Absent: it has nothing to do then, and is ended. */
  readonly shutdownMs?: number;
  /** Takes what a runner prints, each stream once. Absent: of its errors the last one is told with its end. */
  readonly onOutput?: (stream: Readable, name: 'stdout' | 'stderr') => void;
}

interface Waiting {
  readonly take: () => void;
  readonly fail: (error: DomainError) => void;
  readonly limitMs: number;
  readonly sentAtMs: number;
  /** Grows with every run. */
  readonly order: number;
}

/** Most runs that wait in one runner: enough that a tiny model never waits for the gateway. */
const LANES = 16;
const LOAD_TIMEOUT_MS = 120_000;
/** All that a runner has of its surroundings: it needs no secret of its parent. */
export const RUNNER_ENVIRONMENT = {
  NODE_ENV: 'production',
  // glibc keeps freed memory of big models otherwise.
  MALLOC_MMAP_THRESHOLD_: '1000000',
  // ONNX Runtime reports models and runs to its makers otherwise, since 1.29 on Linux and macOS, too (microsoft/onnxruntime#27379).
  ORT_DISABLE_TELEMETRY: '1',
};
const NO_SIGNATURE: ModelSignature = { inputs: [], outputs: [] };

/**
 * One runner and the runs that are in it. Tensors lie in memory that both processes see; a byte over a socket, the number of a lane, says
 * whose turn it is. The runner takes runs in the order in which they were sent.
 *
 * A run that takes too long ends the process, unless the runtime can end a run and does: most native code that computes cannot be told to
 * stop.
 */
export class RunnerProcess implements HostedModel {
  readonly #program: Program;
  readonly #bells: Duplex;
  readonly #memory: SharedMemory;
  readonly #freeLanes = Array.from({ length: LANES }, (_, lane) => LANES - 1 - lane);
  /** By bell, and no Map, for the reason that PendingCalls of #application/serving gives. */
  readonly #waiting: (Waiting | undefined)[] = Array.from({ length: LOAD_BELL + 1 });
  #waitingCount = 0;
  #sentCount = 0;
  readonly #graceMs: number;
  readonly #loadLimitMs: number;
  readonly #shutdownMs: number;
  readonly #onLost: (reason: string) => void;
  /** Settles when the process has ended, in whichever way. */
  readonly ended: Promise<void>;
  #signature = NO_SIGNATURE;
  #profile: LoadProfile | undefined;
  #unrung: number[] = [];
  #lastAnswerAtMs = 0;
  #watch: NodeJS.Timeout | undefined;
  /** Until its model is loaded. */
  #isYielding: boolean;
  #isClosed = false;
  #hasEnded = false;
  #lastWords = '';

  /**
   * @param onLost called once when the process ends without having been closed.
   * @throws RUNNER_UNAVAILABLE when the system gives no process, no file or no memory.
   */
  constructor(program: RunnerProgram, onLost: (reason: string) => void) {
    this.#graceMs = program.graceMs ?? 0;
    this.#loadLimitMs = program.loadLimitMs ?? LOAD_TIMEOUT_MS;
    this.#shutdownMs = program.shutdownMs ?? 0;
    this.#onLost = onLost;
    this.#memory = SharedMemory.create(LANES);
    this.#program = this.#start(program);
    this.#isYielding = yieldTime(this.#program.pid);
    const [, output, errors, bells] = this.#program.streams as [undefined, Duplex | undefined, Duplex, Duplex];
    this.#bells = bells;
    this.#bells.on('data', (bells: Buffer) => this.#hear(bells));
    this.#bells.on('error', () => this.#program.kill());
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    if (output !== undefined) program.onOutput?.(output, 'stdout');
    program.onOutput?.(errors, 'stderr');
    this.ended = this.#program.ended.then(({ code, signal }) =>
      this.#end(signal === null ? `status ${code}` : `signal ${signal}`),
    );
  }

  get pid(): number {
    return this.#program.pid;
  }

  get profile(): LoadProfile {
    if (this.#profile === undefined) throw new DomainError('MODEL_VERSION_NOT_READY', 'the runner has no model yet');
    return this.#profile;
  }

  get freeRuns(): number {
    return this.#isClosed ? 0 : this.#freeLanes.length;
  }

  /** @throws MODEL_LOAD_FAILED, RUNNER_LOST */
  async load(model: ModelToLoad): Promise<void> {
    if (this.#isClosed) throw this.#lost();
    this.#signature = model.signature;
    writeMessage(this.#memory.lane(0), model);
    this.#profile = await new Promise<LoadProfile>((resolve, reject) => {
      const take = () => {
        try {
          resolve(readLoadedModel(this.#memory.lane(0)));
        } catch (error) {
          reject(error as Error);
        }
      };
      const fail = (error: DomainError) => reject(error);
      this.#send(LOAD_BELL, take, fail, this.#loadLimitMs);
    });
    this.#stopYielding();
  }

  run(request: RunRequest, limitMs: number): Promise<RunAnswer> {
    const index = this.#isClosed ? undefined : this.#freeLanes.pop();
    if (index === undefined) return Promise.reject(this.#lost());
    const lane = this.#memory.lane(index);
    try {
      writeRun(lane, this.#signature, request, limitMs);
    } catch (error) {
      this.#freeLanes.push(index);
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      const take = () => {
        try {
          resolve(readAnswer(lane, request.outputNames));
        } catch (error) {
          // It does not know any more what it writes.
          if (isDomainError(error, 'RUNNER_LOST')) this.#program.kill();
          reject(error as Error);
        } finally {
          this.#freeLanes.push(index);
        }
      };
      this.#send(index, take, reject, limitMs);
    });
  }

  async residentBytes(): Promise<number | undefined> {
    return residentBytes(this.pid);
  }

  /** Ends the process; what waits for it fails with RUNNER_LOST. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#shutdownMs > 0 && this.#profile !== undefined && this.#waitingCount === 0) await this.#letEnd();
    this.#program.kill();
    await this.ended;
  }

  /** A runner that finds no more bells ends. */
  async #letEnd(): Promise<void> {
    this.#bells.end();
    const timer = setTimeout(() => this.#program.kill(), this.#shutdownMs);
    await this.ended;
    clearTimeout(timer);
  }

  #start({ nodeArguments, workingDirectory, onOutput }: RunnerProgram): Program {
    try {
      return startProgram({
        command: process.execPath,
        args: nodeArguments,
        cwd: workingDirectory,
        env: RUNNER_ENVIRONMENT,
        stdio: ['ignore', onOutput === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', this.#memory.fd],
      });
    } catch (error) {
      this.#memory.close();
      const problem = `the system starts no process for a runner: ${(error as Error).message}`;
      throw new DomainError('RUNNER_UNAVAILABLE', problem, {}, { cause: error });
    }
  }

  #stopYielding(): void {
    if (this.#isYielding) stopYielding(this.pid);
    this.#isYielding = false;
  }

  #send(bell: number, take: () => void, fail: (error: DomainError) => void, limitMs: number): void {
    this.#sentCount += 1;
    this.#waitingCount += 1;
    this.#waiting[bell] = { take, fail, limitMs, sentAtMs: performance.now(), order: this.#sentCount };
    if (this.#watch === undefined) this.#watchOver(limitMs + this.#graceMs);
    this.#unrung.push(bell);
    if (this.#unrung.length > 1) return;
    // Runs of one turn of the loop leave in one write.
    process.nextTick(() => {
      const bells = Buffer.from(this.#unrung);
      this.#unrung = [];
      if (!this.#isClosed) this.#bells.write(bells);
    });
  }

  #hear(bells: Buffer): void {
    this.#lastAnswerAtMs = performance.now();
    for (const bell of bells) {
      const waiting = this.#waiting[bell];
      if (waiting === undefined) {
        this.#program.kill();
        return;
      }
      this.#waiting[bell] = undefined;
      this.#waitingCount -= 1;
      waiting.take();
    }
    if (this.#waitingCount === 0) this.#stopWatching();
  }

  /** One timer for all runs: a run begins when the one before it has ended. */
  #watchOver(delayMs: number): void {
    this.#watch = setTimeout(() => {
      const oldest = this.#oldest();
      this.#watch = undefined;
      if (oldest === undefined) return;
      const sinceMs = performance.now() - Math.max(oldest.sentAtMs, this.#lastAnswerAtMs);
      const leftMs = oldest.limitMs + this.#graceMs - sinceMs;
      if (leftMs > 0) this.#watchOver(leftMs);
      else this.#cutOffIfSilent(oldest);
    }, delayMs);
  }

  /** It was perhaps this process that stood still, and the answer lies in the socket: timers come before sockets are read. */
  #cutOffIfSilent(oldest: Waiting): void {
    setImmediate(() => {
      const stillOldest = this.#oldest();
      if (stillOldest === oldest) this.#cutOff(oldest);
      else if (stillOldest !== undefined && this.#watch === undefined)
        this.#watchOver(stillOldest.limitMs + this.#graceMs);
    });
  }

  #oldest(): Waiting | undefined {
    let oldest: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting !== undefined && (oldest === undefined || waiting.order < oldest.order)) oldest = waiting;
    }
    return oldest;
  }

  #stopWatching(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  #cutOff({ limitMs, fail }: Waiting): void {
    this.#lastWords = `a run took longer than its ${Math.round(limitMs)} ms`;
    fail(new DomainError('DEADLINE_EXCEEDED', `the model did not answer within ${Math.round(limitMs)} ms`));
    this.#program.kill();
  }

  #end(how: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const words = this.#lastWords.trim();
    const reason = words === '' ? how : `${how}: ${words.split('\n').at(-1)}`;
    this.#stopWatching();
    const wasClosed = this.#isClosed;
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    this.#waitingCount = 0;
    for (const run of waiting) run?.fail(this.#lost(reason));
    this.#memory.close();
    if (!wasClosed) this.#onLost(reason);
  }

  #lost(reason = 'it has ended'): DomainError {
    return new DomainError('RUNNER_LOST', `the model's runner ended (${reason})`);
  }
}
