import type { HostedModel, ModelHost, ModelToHost, ServedVariant } from '#application/serving';
import { RunnerProcess, type RunnerProgram } from './runner-process.ts';

/** Hosts every instance of a model in a runner process of its own. */
export class RunnerHost implements ModelHost {
  readonly #program: RunnerProgram;
  readonly #cores: number;

  /** @param cores that runs may use together. */
  constructor(program: RunnerProgram, cores: number) {
    this.#program = program;
    this.#cores = cores;
  }

  get cores(): number {
    return this.#cores;
  }

  canRun({ target, format }: ServedVariant): boolean {
    return target === 'cpu' && format === 'onnx';
  }

  async load({ modelPath, signature, intraOpThreads, onLost }: ModelToHost): Promise<HostedModel> {
    const runner = new RunnerProcess(this.#program, onLost);
    try {
      await runner.load({ modelPath, signature, intraOpThreads, maxThreads: this.#cores });
      return runner;
    } catch (error) {
      await runner.close();
      throw error;
    }
  }
}
