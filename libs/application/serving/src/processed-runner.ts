import { DomainError } from '#domain/errors';
import {
  type ClientView,
  ownedTensor,
  type ProcessingOptions,
  type Tensor,
  validateInputs,
  validateOutputs,
} from '#domain/inference';
import { processedView } from '#domain/plugin';
import { beforeDeadline } from './before-deadline.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import type { FindProcessor, ProcessingStage, TensorProcessor } from './tensor-processor.ts';
import type { Timing } from './timing.ts';

/** The processors that a deployment names. */
export interface Processors {
  readonly preprocess: readonly TensorProcessor[];
  readonly postprocess: readonly TensorProcessor[];
}

/**
 * Finds what a deployment names.
 *
 * @throws SERVING_OPTIONS_INVALID naming what does not run here.
 */
export function findProcessors(options: ProcessingOptions, find: FindProcessor): Processors {
  const all = (stage: ProcessingStage) =>
    options[stage].map((name, index) => {
      const processor = find(name, stage);
      if (processor !== undefined) return processor;
      const field = `spec.${stage}[${index}]`;
      const kind = `${stage}or`;
      throw new DomainError(
        'SERVING_OPTIONS_INVALID',
        `${field}: no plugin ${name} of kind ${kind} runs on this gateway: SLIPWAY_PLUGINS lists those that do`,
        { field },
      );
    });
  return { preprocess: all('preprocess'), postprocess: all('postprocess') };
}

/** What stands around a version. */
export interface ProcessedParts {
  readonly processors: Processors;
  /** Of the version without them. */
  readonly view: ClientView;
  readonly modelName: string;
  readonly version: number;
  readonly timing: Timing;
}

/**
 * Puts plugins around a version: a request goes through the preprocessors, and its answer through the postprocessors. What they give is
 * checked as if it came from somebody else, which it does; what is wrong with it is theirs and not the client's.
 */
export class ProcessedRunner implements InferenceRunner {
  /** What clients see. */
  readonly view: ClientView;
  readonly #inner: InferenceRunner;
  readonly #parts: ProcessedParts;
  /** Whether the answer has other outputs than the model gives. */
  readonly #changesOutputs: boolean;

  constructor(inner: InferenceRunner, parts: ProcessedParts) {
    const { preprocess, postprocess } = parts.processors;
    this.#inner = inner;
    this.#parts = parts;
    this.view = processedView(parts.view, preprocess, postprocess);
    this.#changesOutputs = postprocess.some(({ outputs }) => outputs !== undefined);
  }

  /** @throws what the version throws, and what {@link TensorProcessor.process} does; DEADLINE_EXCEEDED */
  async run(call: InferenceCall): Promise<InferenceRun> {
    const { view, processors } = this.#parts;
    const { preprocess, postprocess } = processors;
    const inputs = await this.#through('preprocess', { call, tensors: call.inputs, isOwn: false });
    const lastBefore = preprocess.at(-1);
    if (lastBefore !== undefined) blame(lastBefore, () => validateInputs(view.signature, inputs));
    const outputNames = this.#changesOutputs ? view.defaultOutputNames : call.outputNames;
    const run = await this.#inner.run({ ...call, inputs, outputNames });
    const last = postprocess.at(-1);
    if (last === undefined) return run;
    // What the runner answered may be a view over memory that it uses again, or that is kept for others.
    const own = run.outputs.map(ownedTensor);
    const given = await this.#through('postprocess', { call, tensors: own, isOwn: true });
    const outputs = blame(last, () => {
      const asked = call.outputNames.flatMap((name) => given.find((tensor) => tensor.name === name) ?? []);
      validateOutputs(this.view.signature, call.outputNames, asked);
      return asked;
    });
    return { ...run, outputs };
  }

  async #through(stage: ProcessingStage, { call, tensors, isOwn }: Passage): Promise<readonly Tensor[]> {
    const { modelName, version, timing, processors } = this.#parts;
    const { monotonicMs } = timing;
    const { deadlineAtMs, expiresAtMs = Number.POSITIVE_INFINITY } = call;
    let passed = tensors;
    for (const [index, processor] of processors[stage].entries()) {
      const path = `${stage}.${processor.name}`;
      const startedAtMs = monotonicMs();
      const tell = (error: unknown) =>
        call.onStep?.({ path, deployment: undefined, startedAtMs, endedAtMs: monotonicMs(), run: undefined, error });
      try {
        const isWanted = () => monotonicMs() < Math.min(deadlineAtMs, expiresAtMs);
        const processing = processor.process({
          tensors: passed,
          isOwn: isOwn || index > 0,
          modelName,
          version,
          isWanted,
        });
        passed = await beforeDeadline(processing, deadlineAtMs, `the answer of plugin ${processor.name}`, timing);
        tell(undefined);
      } catch (error) {
        tell(error);
        throw error;
      }
    }
    return passed;
  }
}

interface Passage {
  readonly call: InferenceCall;
  readonly tensors: readonly Tensor[];
  readonly isOwn: boolean;
}

/** Checks what a processor gave; what is wrong with it is not the client's. */
function blame<T>(processor: TensorProcessor, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw processor.misbehaved(`gave what does not fit: ${(error as Error).message}`);
  }
}
