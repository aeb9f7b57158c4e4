import type { Tensor } from '#domain/inference';
import { loadAddon, type NativeSession } from './addon.ts';
import { translated } from './native-error.ts';
import { openNativeLibrary } from './native-library.ts';
import { type NativeOperatorLibrary, sealOperatorLibrary } from './operator-library.ts';
import { named, toNative } from './tensor-conversion.ts';

/** Where and on what a model runs. */
export interface NativeRuntimeChoice {
  /** An ONNX Runtime library, absolute; the same one in the whole process. */
  readonly libraryPath: string;
  /** `cpu`, `cuda`, `tensorrt`, `cann` or `openvino`. */
  readonly provider: string;
  /** From which models may take operators: their code runs in this process. Absent: none. */
  readonly operatorLibraries?: readonly NativeOperatorLibrary[] | undefined;
}

/**
 * A model in an ONNX Runtime library of the operator's choice, through the native addon. `run` blocks its thread while the model computes,
 * and ends at its limit: use it where nothing else has to be answered. `runAside` computes on a thread of the session's own.
 */
export class NativeModelSession {
  readonly #session: NativeSession;

  private constructor(session: NativeSession) {
    this.#session = session;
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
    { libraryPath, provider, operatorLibraries = [] }: NativeRuntimeChoice,
  ): Promise<NativeModelSession> {
    const addon = openNativeLibrary(libraryPath);
    try {
      // The same library twice has one path, and may be registered once.
      const sealed = await Promise.all(operatorLibraries.map((library) => sealOperatorLibrary(addon, library)));
      return new NativeModelSession(
        await addon.loadModel({ path, provider, intraOpThreads, operatorLibraries: [...new Set(sealed)] }),
      );
    } catch (error) {
      throw translated(error, 'MODEL_LOAD_FAILED');
    }
  }

  /**
   * Computes the named outputs, in the order asked for, on this thread.
   *
   * @param limitMs past it the run is ended, as soon as the node of its graph that computes is done; absent: it has no limit.
   * @throws MODEL_RUN_FAILED with ONNX Runtime's text; DEADLINE_EXCEEDED; UNSUPPORTED for outputs that cannot be carried.
   */
  async run(inputs: readonly Tensor[], outputNames: readonly string[], limitMs?: number): Promise<Tensor[]> {
    try {
      return named(outputNames, this.#session.runHere(inputs.map(toNative), outputNames, limitMs));
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
}
