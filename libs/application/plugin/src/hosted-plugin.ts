import { DomainError } from '#domain/errors';
import { type PluginLife, takesCalls, type WorkerKind } from '#domain/plugin';
import { pluginInWords, type WorkerPlugin } from './loaded-plugin.ts';
import { type CallMessage, PluginInstance, type WorkerCall } from './plugin-instance.ts';
import type { PluginWorkers } from './plugin-worker.ts';

/** Calls that may wait for a worker; further ones are refused at once. */
const MAX_WAITING = 256;
/** Longest time that a call waits for a worker. */
const MAX_WAIT_MS = 10_000;

/**
 * How a plugin does.
 *
 * - `starting`: no worker of it is ready yet.
 * - `ready`: it takes calls.
 * - `restarting`: its workers were lost, and are being replaced.
 * - `failed`: too many were lost in a row; calls are refused.
 * - `stopped`: the host shuts down.
 */
export type PluginState = 'starting' | 'ready' | 'restarting' | 'failed' | 'stopped';

interface WaitingCall extends WorkerCall {
  readonly isWanted: () => boolean;
  readonly drop: (reason: string) => void;
}

/** What is told of a plugin. */
export interface PluginStatus {
  readonly name: string;
  readonly version: string;
  readonly kind: WorkerKind;
  readonly digest: string;
  readonly state: PluginState;
  readonly instances: number;
  /** Calls that were answered, well or not. */
  readonly calls: number;
  /** Calls that it threw at, or that were lost with its worker. */
  readonly failures: number;
  /** Workers that were lost. */
  readonly losses: number;
  /** What went wrong last; `undefined`: nothing yet. */
  readonly lastError: { readonly message: string; readonly atMs: number } | undefined;
}

/** Told of what plugins do wrong. */
export interface PluginEvents {
  readonly onFailure: (plugin: string, message: string) => void;
  /** @param isGivenUp whether calls are refused from now on. */
  readonly onLost: (plugin: string, reason: string, isGivenUp: boolean) => void;
}

/** What a plugin takes from outside. */
export interface HostParts {
  readonly workers: PluginWorkers;
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** Since the epoch. */
  readonly nowMs: () => number;
  readonly events: PluginEvents;
}

/**
 * A plugin that runs. Each of its workers takes one call at a time, so that a call that hangs, exits or eats memory is known, and takes no
 * other along; calls wait in order while all are at work, or are replaced.
 */
export class HostedPlugin {
  readonly plugin: WorkerPlugin;
  readonly #parts: HostParts;
  readonly #instances: readonly PluginInstance[];
  readonly #waiting = new Set<WaitingCall>();
  #calls = 0;
  #failures = 0;
  #losses = 0;
  #lastError: PluginStatus['lastError'];
  #isStopped = false;

  constructor(plugin: WorkerPlugin, parts: HostParts) {
    this.plugin = plugin;
    this.#parts = parts;
    const instance = () =>
      new PluginInstance(plugin, {
        workers: parts.workers,
        after: parts.after,
        onChange: () => this.#next(),
        onLost: (reason, life) => this.#takeLoss(reason, life),
      });
    this.#instances = Array.from({ length: plugin.options.instances }, instance);
  }

  get name(): string {
    return this.plugin.manifest.name;
  }

  get status(): PluginStatus {
    const { name, version, kind } = this.plugin.manifest;
    const { digest, instances } = this.plugin.options;
    const [calls, failures, losses, lastError] = [this.#calls, this.#failures, this.#losses, this.#lastError];
    return { name, version, kind, digest, state: this.#state(), instances, calls, failures, losses, lastError };
  }

  /** Begins to load it. */
  start(): void {
    for (const instance of this.#instances) instance.start();
  }

  /**
   * Has it answer a call.
   *
   * @param message is asked for when a worker takes the call: it may give buffers away.
   * @param isWanted is asked then, too: a call that nobody waits for any more is not begun.
   * @throws PLUGIN_FAILED when it threw, or its worker was lost; INPUT_INVALID when it says that the call cannot be answered;
   *   PLUGIN_UNAVAILABLE when it was given up, or no worker came free; QUEUE_FULL
   */
  execute(message: () => CallMessage, isWanted: () => boolean = () => true): Promise<unknown> {
    if (!this.#takesCalls()) return Promise.reject(this.#unavailable(this.#lastError?.message ?? 'is not loaded'));
    if (this.#waiting.size >= MAX_WAITING) {
      const full = `${pluginInWords(this.plugin)} has ${MAX_WAITING} calls waiting: try again later`;
      return Promise.reject(new DomainError('QUEUE_FULL', full));
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancelWait = this.#parts.after(MAX_WAIT_MS, () => {
      if (this.#waiting.delete(call)) reject(this.#unavailable(`had no worker free for ${MAX_WAIT_MS} ms`));
    });
    const call: WaitingCall = {
      isWanted,
      message: () => {
        cancelWait();
        return message();
      },
      drop: (reason) => {
        cancelWait();
        reject(this.#unavailable(reason));
      },
      answered: (answer) => {
        this.#calls += 1;
        if (answer.kind === 'value') resolve(answer.value);
        else if (answer.kind === 'refused') reject(new DomainError('INPUT_INVALID', answer.message));
        else reject(this.#fail(`threw: ${answer.message}`));
      },
      lost: (reason) => reject(this.#fail(`was ended: ${reason}`)),
    };
    this.#waiting.add(call);
    this.#next();
    return promise;
  }

  /** Says that an answer was not such as it must be. @returns what the caller is told. */
  misbehaved(message: string): DomainError {
    return this.#fail(message);
  }

  /** Has it shut down, and ends its workers. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#dropWaiting('the host shuts down');
    await Promise.all(this.#instances.map((instance) => instance.stop()));
  }

  #next(): void {
    for (const instance of this.#instances) {
      while (instance.isFree) {
        const call = this.#nextWanted();
        if (call === undefined) return;
        this.#waiting.delete(call);
        instance.execute(call);
      }
    }
    if (this.#waiting.size > 0 && !this.#takesCalls()) this.#dropWaiting('it was given up');
  }

  #nextWanted(): WaitingCall | undefined {
    for (const call of this.#waiting) {
      if (call.isWanted()) return call;
      this.#waiting.delete(call);
      call.drop('nobody waits for this call any more');
    }
    return undefined;
  }

  #dropWaiting(reason: string): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call.drop(reason);
  }

  #takesCalls(): boolean {
    return !this.#isStopped && this.#instances.some(({ life }) => takesCalls(life));
  }

  #state(): PluginState {
    const phases = this.#instances.map(({ life }) => life.phase);
    if (this.#isStopped) return 'stopped';
    if (phases.includes('ready')) return 'ready';
    if (!this.#takesCalls()) return 'failed';
    return this.#losses === 0 ? 'starting' : 'restarting';
  }

  #takeLoss(reason: string, { phase }: PluginLife): void {
    this.#losses += 1;
    this.#note(reason);
    this.#parts.events.onLost(this.name, reason, phase === 'failed');
    this.#next();
  }

  #fail(message: string): DomainError {
    this.#failures += 1;
    this.#note(message);
    this.#parts.events.onFailure(this.name, message);
    return new DomainError('PLUGIN_FAILED', `${pluginInWords(this.plugin)} ${message}`);
  }

  #note(message: string): void {
    this.#lastError = { message, atMs: this.#parts.nowMs() };
  }

  #unavailable(reason: string): DomainError {
    return new DomainError('PLUGIN_UNAVAILABLE', `${pluginInWords(this.plugin)} takes no calls now: ${reason}`);
  }
}
