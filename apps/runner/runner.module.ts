import type { LoadedModel, ModelToLoad, ReceivedRun, RunnerModel } from '#adapters/runner-client';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { profileModel } from './profile-model.ts';

/** Holds a model in ONNX Runtime. */
export class Runner implements RunnerModel {
  #session: OnnxModelSession | undefined;

  async load({ modelPath, signature, intraOpThreads, maxThreads }: ModelToLoad): Promise<LoadedModel> {
    const load = (threads: number) => OnnxModelSession.load(modelPath, threads);
    const { session, profile } = await profileModel(load, signature, intraOpThreads, maxThreads);
    this.#session = session;
    return profile;
  }

  async run({ inputs, outputNames }: ReceivedRun): Promise<Tensor[]> {
    if (this.#session === undefined) throw new DomainError('MODEL_RUN_FAILED', 'the runner has no model yet');
    return this.#session.run(inputs, outputNames);
  }
}
