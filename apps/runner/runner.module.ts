import type { LoadedModel, ModelToLoad, ReceivedRun, RunnerModel } from '#adapters/runner-client';
import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { profileModel, type Session } from './profile-model.ts';

/** Loads a model into a runtime. @throws MODEL_LOAD_FAILED; ARTIFACT_CORRUPT for an operator library that was changed */
export type LoadSession = (
  model: Pick<ModelToLoad, 'modelPath' | 'signature' | 'runBy' | 'provider' | 'operatorLibraries' | 'preparedFolder'>,
  intraOpThreads: number,
) => Promise<Session>;

/**
 * Opens the runtime of this process: the native one over a library, without one onnxruntime-node. The other is not even loaded. AscendCL is
 * opened by the first model that needs it.
 *
 * @param ascendLibraryPath of AscendCL, for offline models.
 * @throws UNSUPPORTED when there is no addon or the library cannot be used
 */
export async function openRuntime(
  libraryPath: string | undefined,
  ascendLibraryPath: string | undefined,
): Promise<LoadSession> {
  if (libraryPath === undefined) {
    const { OnnxModelSession } = await import('#adapters/runtime-onnxruntime');
    return ({ modelPath }, intraOpThreads) => OnnxModelSession.load(modelPath, intraOpThreads);
  }
  const native = await import('#adapters/runtime-native');
  native.openNativeLibrary(libraryPath);
  return ({ modelPath, provider, ...how }, intraOpThreads) =>
    provider === native.OFFLINE_PROVIDER
      ? native.OfflineModelSession.load(modelPath, ascendLibraryPath ?? '')
      : native.NativeModelSession.load(modelPath, intraOpThreads, { libraryPath, provider, ...how });
}

/**
 * Lets models be run by the plugin that is named with each. What it throws outside of a call ends the process, and is its last word.
 */
export async function openPluginRuntime(): Promise<LoadSession> {
  const { PluginModelSession } = await import('#adapters/plugin-worker');
  process.on('uncaughtException', (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`it threw outside of a call: ${text.replaceAll(/\s+/g, ' ')}\n`);
    process.exit(1);
  });
  return async ({ modelPath, signature, runBy }) => {
    if (runBy === undefined) throw new DomainError('MODEL_LOAD_FAILED', 'no plugin is named that is to run the model');
    return PluginModelSession.load(runBy.plugin, { modelPath, signature, variant: runBy.variant });
  };
}

/**
 * What the native runtime can use with a library, as JSON.
 *
 * @throws UNSUPPORTED
 */
export async function describeRuntime(libraryPath: string): Promise<string> {
  const { describeNativeRuntime } = await import('#adapters/runtime-native');
  return JSON.stringify(describeNativeRuntime(libraryPath));
}

/**
 * Which devices AscendCL has, as JSON.
 *
 * @throws UNSUPPORTED
 */
export async function describeAscendRuntime(libraryPath: string): Promise<string> {
  const { describeAscend } = await import('#adapters/runtime-native');
  return JSON.stringify(describeAscend(libraryPath));
}

/** Holds a model in its runtime. */
export class Runner implements RunnerModel {
  readonly #load: LoadSession;
  #session: Session | undefined;

  constructor(load: LoadSession) {
    this.#load = load;
  }

  async load(model: ModelToLoad): Promise<LoadedModel> {
    const { signature, runBy, maxThreads } = model;
    // A plugin has the one thread that it is loaded in.
    const intraOpThreads = runBy === undefined ? model.intraOpThreads : 1;
    const load = (threads: number) => this.#load(model, threads);
    const { session, profile } = await profileModel(load, signature, intraOpThreads, maxThreads);
    this.#session = session;
    return profile;
  }

  async run({ inputs, outputNames, limitMs, room }: ReceivedRun): Promise<Tensor[]> {
    if (this.#session === undefined) throw new DomainError('MODEL_RUN_FAILED', 'the runner has no model yet');
    return this.#session.run(inputs, outputNames, limitMs, (sizeBytes) => room.take(sizeBytes));
  }

  async close(): Promise<void> {
    await this.#session?.shutDown?.();
  }
}
