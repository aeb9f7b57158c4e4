import type { Tensor } from '#domain/inference';
import { loadAddon, type NativeInput, type NativeSession } from './addon.ts';
import { translated } from './native-error.ts';
import { openNativeLibrary } from './native-library.ts';
import { type NativeOperatorLibrary, sealOperatorLibrary } from './operator-library.ts';
import { OutputPlaces, type TakeMemory } from './output-places.ts';
import { loadPrepared } from './prepared-model.ts';
import { named, toNative } from './tensor-conversion.ts';

/** Where and on what a model runs. */
export interface NativeRuntimeChoice {
  /** An ONNX Runtime library, absolute; the same one in the whole process. */
  readonly libraryPath: string;
  /** `cpu`, `cuda`, `tensorrt`, `cann` or `openvino`. */
  readonly provider: string;
  /** From which models may take operators: their code runs in this process. Absent: none. */
  readonly operatorLibraries?: readonly NativeOperatorLibrary[] | undefined;
  /**
   * For models on the processor: a folder, there or not, in which the model is kept as ONNX Runtime wants it, so that all its sessions share the
   * memory of its weights. Absolute, and for this model alone. Absent: each has weights of its own.
   */
  readonly preparedFolder?: string | undefined;
}

/** Other providers have weights in memory of their own. */
const ON_THE_PROCESSOR = 'cpu';

/**
 * A model in an ONNX Runtime library of the operator's choice, through the native addon. `run` blocks its thread while the model computes,
 * and ends at its limit: use it where nothing else has to be answered. `runAside` computes on a thread of the session's own.
 */
export class NativeModelSession {
  readonly #session: NativeSession;
  /** Gone when the model was found to give other shapes than it says. */
  #places: OutputPlaces | undefined;

  private constructor(session: NativeSession) {
    this.#session = session;
    this.#places = new OutputPlaces(session.inputs, session.outputs);
  }

  /**
   * Loads a model file.
   *
   * @param intraOpThreads threads for one run on the processor.
   * @throws MODEL_LOAD_FAILED with ONNX Runtime's text, or what is missing for the provider; UNSUPPORTED without the addon or the library;
   *   ARTIFACT_CORRUPT when an operator library is not what it was
   */
  static async load(
    path: string,
    intraOpThreads: number,
    { libraryPath, provider, operatorLibraries = [], preparedFolder }: NativeRuntimeChoice,
  ): Promise<NativeModelSession> {
    const addon = openNativeLibrary(libraryPath);
    const isShared = preparedFolder !== undefined && provider === ON_THE_PROCESSOR;
    try {
      // The same library twice has one path, and may be registered once.
      const sealed = await Promise.all(operatorLibraries.map((library) => sealOperatorLibrary(addon, library)));
      const options = { path, provider, intraOpThreads, operatorLibraries: [...new Set(sealed)] };
      return new NativeModelSession(
        await (isShared ? loadPrepared(addon, options, preparedFolder) : addon.loadModel(options)),
      );
    } catch (error) {
      throw translated(error, 'MODEL_LOAD_FAILED');
    }
  }

  /**
   * Computes the named outputs, in the order asked for, on this thread.
   *
   * @param limitMs past it the run is ended, as soon as the node of its graph that computes is done; absent: it has no limit.
   * @param take memory for outputs, called before the run for each whose size the model tells: ONNX Runtime writes it there, and the answer's
   * `data` is what was taken. Without it outputs are copied out of ONNX Runtime.
   * @throws MODEL_RUN_FAILED with ONNX Runtime's text; DEADLINE_EXCEEDED; UNSUPPORTED for outputs that cannot be carried.
   */
  async run(
    inputs: readonly Tensor[],
    outputNames: readonly string[],
    limitMs?: number,
    take?: TakeMemory,
  ): Promise<Tensor[]> {
    const given = inputs.map(toNative);
    try {
      const placed = take && this.#places?.take(inputs, outputNames, take);
      return placed === undefined
        ? named(outputNames, this.#session.runHere(given, outputNames, limitMs))
        : this.#runInPlace(given, outputNames, limitMs, placed);
    } catch (error) {
      throw translated(error, 'MODEL_RUN_FAILED', limitMs);
    }
  }

  /**
   * Computes the same on the session's own thread; runs of one session follow each other. The inputs' memory is left alone until the
   * answer is there.
   *
   * @param signal ends the run as its limit would.
   */
  async runAside(
    inputs: readonly Tensor[],
    outputNames: readonly string[],
    { limitMs, signal }: { readonly limitMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Tensor[]> {
    const cancellation = new (loadAddon().RunCancellation)();
    const cancel = () => cancellation.cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
    try {
      return named(outputNames, await this.#session.run(inputs.map(toNative), outputNames, limitMs, cancellation));
    } catch (error) {
      throw translated(error, 'MODEL_RUN_FAILED', limitMs);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async release(): Promise<void> {
    this.#session.release();
  }

  /**
   * What fails in place is run again without: models may have outputs of other shapes than they say. One that does not fail then is not
   * asked for its shapes any more.
   */
  #runInPlace(
    inputs: readonly NativeInput[],
    outputNames: readonly string[],
    limitMs: number | undefined,
    places: readonly (Tensor | undefined)[],
  ): Tensor[] {
    const beganMs = performance.now();
    try {
      return named(outputNames, this.#session.runHere(inputs, outputNames, limitMs, places), places);
    } catch (error) {
      if ((error as { readonly code?: string }).code !== 'MODEL_RUN_FAILED') throw error;
    }
    const leftMs = limitMs && Math.max(0, limitMs - (performance.now() - beganMs));
    const outputs = named(outputNames, this.#session.runHere(inputs, outputNames, leftMs));
    this.#places = undefined;
    return outputs;
  }
}
