import { lifeAfter, NEW_LIFE, type PluginEvent, type PluginLife, REPLACEMENT_POLICY } from '#domain/plugin';
import type { LoadedPlugin } from './loaded-plugin.ts';
import type { PluginWorker, PluginWorkers, WorkerAnswer } from './plugin-worker.ts';

/** What a worker is sent. */
export interface CallMessage {
  readonly value: unknown;
  /** Buffers within it that are given away. */
  readonly transfer: readonly ArrayBuffer[];
}

/** A call on its way to a worker. */
export interface WorkerCall {
  /** Made when a worker takes it: it may give buffers away. */
  readonly message: () => CallMessage;
  readonly answered: (answer: WorkerAnswer) => void;
  readonly lost: (reason: string) => void;
}

/** What an instance takes from outside. */
export interface InstanceParts {
  readonly workers: PluginWorkers;
  /** A timer that keeps no process alive; answers what cancels it. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** Called after each change of its life. */
  readonly onChange: () => void;
  /** A worker was lost. */
  readonly onLost: (reason: string, life: PluginLife) => void;
}

/** One worker of a plugin, and its replacements: it has deadlines for all that it does, and outlives none of them. */
export class PluginInstance {
  readonly #plugin: LoadedPlugin;
  readonly #parts: InstanceParts;
  #life = NEW_LIFE;
  #worker: PluginWorker | undefined;
  #call: WorkerCall | undefined;
  /** Ends the worker, or begins the next one. */
  #cancelTimer = () => {};
  readonly #ended = Promise.withResolvers<void>();

  constructor(plugin: LoadedPlugin, parts: InstanceParts) {
    this.#plugin = plugin;
    this.#parts = parts;
  }

  get life(): PluginLife {
    return this.#life;
  }

  /** Whether it would begin with a call at once. */
  get isFree(): boolean {
    return this.#life.phase === 'ready' && this.#call === undefined;
  }

  start(): void {
    const { initMs } = this.#plugin.options;
    // What a worker tells that was replaced is nobody's any more.
    const mine = { isCurrent: true };
    const ifCurrent =
      <Arguments extends readonly unknown[]>(tell: (...told: Arguments) => void) =>
      (...told: Arguments) => {
        if (mine.isCurrent) tell(...told);
      };
    this.#worker = this.#parts.workers.start(this.#plugin, {
      onReady: ifCurrent(() => this.#become({ kind: 'started' })),
      onAnswer: ifCurrent((answer: WorkerAnswer) => this.#answer(answer)),
      onGone: ifCurrent((reason: string) => {
        mine.isCurrent = false;
        this.#lose(reason);
      }),
    });
    this.#within(initMs, 'init');
  }

  /** Has a free worker answer a call. */
  execute(call: WorkerCall): void {
    try {
      const { value, transfer } = call.message();
      this.#worker?.execute(value, transfer);
    } catch (error) {
      // The call cannot be told, for want of memory above all: the worker knows nothing of it.
      call.lost(`the call cannot be sent: ${(error as Error).message}`);
      return;
    }
    this.#call = call;
    this.#within(this.#plugin.options.executeMs, 'execute');
  }

  /** Has the plugin shut down, and ends it; the call that it is in is lost. */
  stop(): Promise<void> {
    const isRunning = this.#worker !== undefined;
    this.#become({ kind: 'stopped' });
    if (isRunning) {
      this.#loseCall('the host shuts down');
      this.#within(this.#plugin.options.shutdownMs, 'shutdown');
      this.#worker?.shutdown();
    }
    return this.#ended.promise;
  }

  #within(limitMs: number, what: 'init' | 'execute' | 'shutdown'): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.after(limitMs, () => this.#worker?.kill(`${what} took longer than ${limitMs} ms`));
  }

  #answer(answer: WorkerAnswer): void {
    const call = this.#call;
    this.#call = undefined;
    this.#cancelTimer();
    call?.answered(answer);
    this.#become({ kind: 'answered' });
  }

  #lose(reason: string): void {
    this.#worker = undefined;
    this.#cancelTimer();
    this.#loseCall(reason);
    const wasStopping = this.#life.phase === 'stopping';
    this.#become(wasStopping ? { kind: 'ended' } : { kind: 'lost', reason });
    if (!wasStopping) this.#parts.onLost(reason, this.#life);
  }

  #loseCall(reason: string): void {
    const call = this.#call;
    this.#call = undefined;
    call?.lost(reason);
  }

  #become(event: PluginEvent): void {
    this.#life = lifeAfter(this.#life, event, REPLACEMENT_POLICY);
    const { phase, pauseMs } = this.#life;
    // One that is told to stop while it loads has its deadline for that.
    if (event.kind === 'started' && phase === 'ready') this.#cancelTimer();
    if (pauseMs !== undefined && event.kind === 'lost') {
      this.#cancelTimer = this.#parts.after(pauseMs, () => {
        this.#become({ kind: 'retried' });
        this.start();
      });
    }
    if (phase === 'stopped') {
      this.#cancelTimer();
      this.#ended.resolve();
    }
    this.#parts.onChange();
  }
}
