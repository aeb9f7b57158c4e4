import { InferenceSession } from 'onnxruntime-node';
import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { fromOrt, toOrt } from './tensor-conversion.ts';

/** ONNX Runtime writes every failed run to standard error; our callers are told instead. */
const FATAL_ONLY = 4;

/**
 * A model in ONNX Runtime, on the CPU. `run` blocks its thread while the model computes: use it only where nothing else has to
 * be answered.
 */
export class OnnxModelSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * Loads a model file.
   *
   * @param intraOpThreads threads for one run; instances times threads should not exceed the cores.
   * @throws MODEL_LOAD_FAILED with ONNX Runtime's text.
   */
  static async load(path: string, intraOpThreads: number): Promise<OnnxModelSession> {
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: ['cpu'],
        intraOpNumThreads: intraOpThreads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: FATAL_ONLY,
      });
      return new OnnxModelSession(session);
    } catch (error) {
      throw new DomainError('MODEL_LOAD_FAILED', textOf(error), {}, { cause: error });
    }
  }

  /**
   * Computes the named outputs, in the order asked for.
   *
   * @throws MODEL_RUN_FAILED with ONNX Runtime's text; UNSUPPORTED for datatypes that cannot be carried.
   */
  async run(inputs: readonly Tensor[], outputNames: readonly string[]): Promise<Tensor[]> {
    const feeds = Object.fromEntries(inputs.map((input) => [input.name, toOrt(input)]));
    const results = await this.#session
      .run(feeds, [...outputNames], { logSeverityLevel: FATAL_ONLY })
      .catch((error: unknown) => {
        throw new DomainError('MODEL_RUN_FAILED', textOf(error), {}, { cause: error });
      });
    return outputNames.map((name) => {
      const output = results[name];
      if (output === undefined) throw new DomainError('MODEL_RUN_FAILED', `the model gave no output ${name}`);
      return fromOrt(name, output);
    });
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** ONNX Runtime's text without the source paths that it begins with, which are its builder's. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(
      /Unsupported data type: 16$/,
      'an input or output is BF16, which the Node.js binding of ONNX Runtime cannot carry',
    )
    .replaceAll(/\/[\w./-]+\.(cc|h):\d+ /g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
