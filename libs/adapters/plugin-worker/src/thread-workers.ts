import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadedPlugin, PluginWorker, PluginWorkers, WorkerEvents } from '#application/plugin';
import { readLines } from './log-lines.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.ts';

const MIB = 1024 * 1024;
const YOUNG_GENERATION_MIB = 8;
const STACK_MIB = 4;
const MEMORY_LOOK_MS = 100;

/** What a plugin has printed. */
export interface PrintedLine {
  readonly plugin: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/**
 * Plugins in worker threads of this process. They see neither its environment nor its arguments, load no native addons, and are ended when
 * heap and buffers together exceed their memory.
 */
export class ThreadWorkers implements PluginWorkers {
  readonly #onLine: (line: PrintedLine) => void;

  constructor(onLine: (line: PrintedLine) => void) {
    this.#onLine = onLine;
  }

  start(plugin: LoadedPlugin, events: WorkerEvents): PluginWorker {
    const { manifest, options, folder } = plugin;
    const { name, version, entry } = manifest;
    const start: WorkerStart = { folder, entry, name, version, config: options.config, grants: options.grants };
    const worker = new Worker(join(import.meta.dirname, `worker-main${extname(import.meta.filename)}`), {
      name: `plugin-${name}`,
      workerData: start,
      env: {},
      argv: [],
      execArgv: ['--no-addons', '--disable-warning=ExperimentalWarning'],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: options.memoryMib,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB,
        stackSizeMb: STACK_MIB,
      },
    });
    worker.unref();
    for (const stream of ['stdout', 'stderr'] as const) {
      readLines(
        worker[stream],
        () => performance.now(),
        (line) => this.#onLine({ plugin: name, stream, line }),
      );
    }
    return supervised(worker, options.memoryMib, events);
  }
}

function supervised(worker: Worker, memoryMib: number, events: WorkerEvents): PluginWorker {
  let reason: string | undefined;
  const kill = (why: string) => {
    reason ??= why;
    void worker.terminate();
  };
  const tooMuch = `it took more than ${memoryMib} MiB of memory`;
  // The limit of the heap says nothing of buffers, which lie outside of it.
  const stopLooking = watchMemory(worker, memoryMib * MIB, () => kill(tooMuch));
  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        return events.onReady();
      case 'unusable':
        return kill(`it cannot be loaded: ${message.message}`);
      case 'ended':
        return kill('it was shut down');
      default:
        return events.onAnswer(message);
    }
  });
  worker.on('messageerror', () => kill('its answer cannot be read'));
  worker.on('error', (error: Error & { code?: string }) => {
    reason ??= error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch : `it threw outside of a call: ${inOneLine(error)}`;
  });
  worker.once('exit', (code) => {
    stopLooking();
    events.onGone(reason ?? `it exited with status ${code}`);
  });
  const send = (message: ToWorker, transfer: readonly ArrayBuffer[] = []) => worker.postMessage(message, [...transfer]);
  return {
    execute: (call, transfer) => send({ kind: 'execute', call }, transfer),
    shutdown: () => send({ kind: 'shutdown' }),
    kill,
  };
}

/** Looks again and again what a thread takes, also while it computes. @returns what ends that. */
function watchMemory(worker: Worker, limitBytes: number, onTooMuch: () => void): () => void {
  const look = async () => {
    // A thread that has not begun, or has ended, cannot tell.
    const heap = await worker.getHeapStatistics().catch(() => undefined);
    if (heap !== undefined && heap.used_heap_size + heap.external_memory > limitBytes) onTooMuch();
  };
  const timer = setInterval(() => void look(), MEMORY_LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, 500);
}
