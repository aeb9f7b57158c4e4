import type { HostedModel, ModelHost, ModelToHost, ServedVariant } from '#application/serving';
import { RunnerProcess, type RunnerProgram } from './runner-process.ts';

/** Hosts every instance of a model in a runner process of its own. */
export class RunnerHost implements ModelHost {
  readonly #program: RunnerProgram;
  readonly #cores: number;
  readonly #maxMemoryBytes: number;

  /**
   * @param cores that runs may use together.
   * @param maxMemoryBytes that one runner may take beside what it takes when it is empty.
   */
  constructor(program: RunnerProgram, cores: number, maxMemoryBytes: number) {
    this.#program = program;
    this.#cores = cores;
    this.#maxMemoryBytes = maxMemoryBytes;
  }

  get cores(): number {
    return this.#cores;
  }

  canRun({ target, format }: ServedVariant): boolean {
    return target === 'cpu' && format === 'onnx';
  }

  async load({ modelPath, signature, intraOpThreads, onLost, signal }: ModelToHost): Promise<HostedModel> {
    const runner = new RunnerProcess(this.#program, onLost);
    const end = () => void runner.close();
    signal.addEventListener('abort', end);
    try {
      await runner.load({
        modelPath,
        signature,
        intraOpThreads,
        maxThreads: this.#cores,
        maxMemoryBytes: this.#maxMemoryBytes,
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
