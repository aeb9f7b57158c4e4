import type { HostedModel, ModelHost, ModelToHost, OperatorLibrary, ServedVariant } from '#application/serving';
import { DomainError } from '#domain/errors';
import type { RuntimePlugin } from './load-message.ts';
import { PreparedFolders } from './prepared-folders.ts';
import { RunnerProcess, type RunnerProgram } from './runner-process.ts';

/** What a variant runs in. */
export interface VariantRuntime {
  readonly program: RunnerProgram;
  /** What of the program's runtime it runs on. */
  readonly provider: string;
  /** The runtime, where it is none of Slipway's own. */
  readonly plugin?: RuntimePlugin;
  /** That one runner of it may take, where that is less than any may; absent: as much. */
  readonly maxMemoryBytes?: number;
}

/** What a host's runners are. */
export interface RunnerHostOptions {
  /** What a variant runs in; `undefined` where there is nothing for it. */
  readonly runtimeFor: (variant: ServedVariant) => VariantRuntime | undefined;
  /** From which every model may take operators, beside those that its version brings; absent: none. */
  readonly operatorLibraries?: readonly OperatorLibrary[];
  /** That runs may use together. */
  readonly cores: number;
  /** That one runner may take beside what it takes when it is empty. */
  readonly maxMemoryBytes: number;
  /** A folder of this host's alone, for models as the runners' runtime wants them; absent for a runtime that wants them as they are. */
  readonly preparedDirectory?: string | undefined;
}

/** Hosts every instance of a model in a runner process of its own. */
export class RunnerHost implements ModelHost {
  readonly #options: RunnerHostOptions;
  readonly #prepared: PreparedFolders | undefined;

  constructor(options: RunnerHostOptions) {
    this.#options = options;
    const { preparedDirectory } = options;
    this.#prepared = preparedDirectory === undefined ? undefined : new PreparedFolders(preparedDirectory);
  }

  get cores(): number {
    return this.#options.cores;
  }

  canRun(variant: ServedVariant): boolean {
    return this.#options.runtimeFor(variant) !== undefined;
  }

  async load(model: ModelToHost): Promise<HostedModel> {
    const { modelPath, variant, signature, intraOpThreads, onLost, signal } = model;
    const { runtimeFor, operatorLibraries = [], cores, maxMemoryBytes } = this.#options;
    const runtime = runtimeFor(variant);
    if (runtime === undefined) {
      const { target, format } = variant;
      throw new DomainError('MODEL_LOAD_FAILED', `this gateway's runtime runs no ${format} models on ${target}`);
    }
    const { program, provider, plugin } = runtime;
    const runner = new RunnerProcess(program, onLost);
    const preparedFolder = plugin === undefined ? this.#prepared?.take(variant, runner.ended) : undefined;
    const end = () => void runner.close();
    signal.addEventListener('abort', end);
    try {
      await runner.load({
        modelPath,
        operatorLibraries: [...operatorLibraries, ...model.operatorLibraries],
        signature,
        runBy: plugin && { plugin, variant },
        provider,
        preparedFolder,
        intraOpThreads,
        maxThreads: cores,
        maxMemoryBytes: Math.min(maxMemoryBytes, runtime.maxMemoryBytes ?? maxMemoryBytes),
      });
      return runner;
    } catch (error) {
      await runner.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
