import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { type AscendDescription, loadAddon, type NativeAddon, type OfflineSession } from './addon.ts';
import { translated } from './native-error.ts';
import { named, toNative } from './tensor-conversion.ts';

/** What runs offline models, where the others are providers of ONNX Runtime. */
export const OFFLINE_PROVIDER = 'ascendcl';

/**
 * Opens AscendCL for this process, which has no other; the same library again does nothing.
 *
 * @param libraryPath of `libascendcl.so`, absolute; code of the library runs, so whoever names it is trusted.
 * @throws UNSUPPORTED without the addon, or when the library cannot be used
 */
export function openAscend(libraryPath: string): NativeAddon {
  const addon = loadAddon();
  try {
    addon.openAscend(libraryPath);
    return addon;
  } catch (error) {
    throw new DomainError('UNSUPPORTED', (error as Error).message, {}, { cause: error });
  }
}

/**
 * Opens AscendCL and tells which devices it has. That takes each of them for a moment: call it in a process that ends soon.
 *
 * @throws UNSUPPORTED without the addon, when the library cannot be used, or without a device
 */
export function describeAscend(libraryPath: string): AscendDescription {
  const addon = openAscend(libraryPath);
  try {
    return addon.describeAscend();
  } catch (error) {
    throw new DomainError('UNSUPPORTED', (error as Error).message, {}, { cause: error });
  }
}

/**
 * An offline model (`.om`) on the first device of Ascend, through AscendCL. `run` blocks its thread while the model computes: use it where
 * nothing else has to be answered.
 */
export class OfflineModelSession {
  readonly #session: OfflineSession;

  private constructor(session: OfflineSession) {
    this.#session = session;
  }

  /**
   * Loads a model file.
   *
   * @throws MODEL_LOAD_FAILED with AscendCL's text; UNSUPPORTED without the addon or the library, and for models with free sizes
   */
  static async load(path: string, libraryPath: string): Promise<OfflineModelSession> {
    const addon = openAscend(libraryPath);
    try {
      return new OfflineModelSession(await addon.loadOfflineModel(path, 0));
    } catch (error) {
      throw translated(error, 'MODEL_LOAD_FAILED');
    }
  }

  /**
   * Computes the named outputs, in the order asked for, on this thread.
   *
   * @param limitMs past it the run is not waited for any longer; the next run waits for what the device still computes. Absent: no limit.
   * @throws MODEL_RUN_FAILED with AscendCL's text; DEADLINE_EXCEEDED.
   */
  async run(inputs: readonly Tensor[], outputNames: readonly string[], limitMs?: number): Promise<Tensor[]> {
    try {
      return named(outputNames, this.#session.runHere(inputs.map(toNative), outputNames, limitMs));
    } catch (error) {
      throw translated(error, 'MODEL_RUN_FAILED', limitMs);
    }
  }

  async release(): Promise<void> {
    this.#session.release();
  }
}
