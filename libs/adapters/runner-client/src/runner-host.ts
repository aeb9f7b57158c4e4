import type { HostedModel, ModelHost, ModelToHost, ServedVariant } from '#application/serving';
import { RunnerProcess, type RunnerProgram } from './runner-process.ts';

/** Hosts every model in a runner process of its own. */
export class RunnerHost implements ModelHost {
  readonly #program: RunnerProgram;
  readonly #intraOpThreads: number;

  constructor(program: RunnerProgram, intraOpThreads = 1) {
    this.#program = program;
    this.#intraOpThreads = intraOpThreads;
  }

  canRun({ target, format }: ServedVariant): boolean {
    return target === 'cpu' && format === 'onnx';
  }

  async load({ modelPath, onLost }: ModelToHost): Promise<HostedModel> {
    const runner = new RunnerProcess(this.#program, onLost);
    try {
      await runner.load(modelPath, this.#intraOpThreads);
      return runner;
    } catch (error) {
      await runner.close();
      throw error;
    }
  }
}
