import type { InferenceCall, InferenceRun, InferenceRunner } from '#application/serving';
import type { Tensor } from '#domain/inference';

/** One call that a scripted runner got and has not answered yet. */
export interface ScriptedCall {
  readonly call: InferenceCall;
  readonly answer: (outputs: readonly Tensor[]) => void;
  readonly fail: (error: unknown) => void;
}

/** A runner whose answers a test gives one by one. It stands for a loaded version at its port. */
export class ScriptedRunner implements InferenceRunner {
  /** In the order in which they came. */
  readonly calls: ScriptedCall[] = [];

  run(call: InferenceCall): Promise<InferenceRun> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        call,
        answer: (outputs) => resolve({ outputs, rows: 1, batchSize: 1, queueMs: 0, runMs: 1 }),
        fail: reject,
      });
    });
  }

  /** The call at a place. */
  at(index: number): ScriptedCall {
    const found = this.calls[index];
    if (found === undefined) throw new Error(`the runner was called ${this.calls.length} times`);
    return found;
  }
}

/** A vector of FP32. */
export function floats(name: string, values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

/** The elements of an FP32 tensor. */
export function floatsOf({ data }: Tensor): number[] {
  return [...new Float32Array(data.slice().buffer)];
}

/** A call with every field that a test does not care about. */
export function callOf(over: Partial<InferenceCall> = {}): InferenceCall {
  return {
    inputs: [floats('x', [1, 2])],
    outputNames: ['y'],
    deadlineAtMs: 1000,
    priority: 0,
    sequence: undefined,
    isRetriedOnLoss: true,
    ...over,
  };
}
