import type { LoadedModel, ModelToLoad, ReceivedRun, RunnerModel } from '#adapters/runner-client';
import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { profileModel, type Session } from './profile-model.ts';

/** Loads a model into a runtime. @throws MODEL_LOAD_FAILED */
export type LoadSession = (
  model: Pick<ModelToLoad, 'modelPath' | 'provider' | 'preparedFolder'>,
  intraOpThreads: number,
) => Promise<Session>;

/**
 * Opens the runtime of this process: the native one over a library, without one onnxruntime-node. The other is not even loaded.
 *
 * @throws UNSUPPORTED when there is no addon or the library cannot be used
 */
export async function openRuntime(libraryPath: string | undefined): Promise<LoadSession> {
  if (libraryPath === undefined) {
    const { OnnxModelSession } = await import('#adapters/runtime-onnxruntime');
    return ({ modelPath }, intraOpThreads) => OnnxModelSession.load(modelPath, intraOpThreads);
  }
  const { NativeModelSession, openNativeLibrary } = await import('#adapters/runtime-native');
  openNativeLibrary(libraryPath);
  return ({ modelPath, provider, preparedFolder }, intraOpThreads) =>
    NativeModelSession.load(modelPath, intraOpThreads, { libraryPath, provider, preparedFolder });
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

/** Holds a model in ONNX Runtime. */
export class Runner implements RunnerModel {
  readonly #load: LoadSession;
  #session: Session | undefined;

  constructor(load: LoadSession) {
    this.#load = load;
  }

  async load(model: ModelToLoad): Promise<LoadedModel> {
    const { signature, intraOpThreads, maxThreads } = model;
    const load = (threads: number) => this.#load(model, threads);
    const { session, profile } = await profileModel(load, signature, intraOpThreads, maxThreads);
    this.#session = session;
    return profile;
  }

  async run({ inputs, outputNames, limitMs, room }: ReceivedRun): Promise<Tensor[]> {
    if (this.#session === undefined) throw new DomainError('MODEL_RUN_FAILED', 'the runner has no model yet');
    return this.#session.run(inputs, outputNames, limitMs, (sizeBytes) => room.take(sizeBytes));
  }
}
