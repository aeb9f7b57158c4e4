import {
  type BatchingOptions,
  DATATYPE_SIZE_BYTES,
  elementCount,
  type ModelSignature,
  type Tensor,
} from '#domain/inference';
import { rowsOf, withRows } from './batch-rows.ts';
import type { RecordedRequest } from './recorded-requests.ts';

/** Bytes of an empty BYTES element: its length, 0. */
const EMPTY_ELEMENT_BYTES = 4;

/** One run that a version goes through before it serves. */
export interface WarmUpRun {
  /** What it is, for the message when it fails. */
  readonly what: string;
  readonly inputs: readonly Tensor[];
  readonly outputNames: readonly string[];
  /** Whether the version serves only when it has succeeded. The others warm what they can in the time that there is. */
  readonly isRequired: boolean;
}

/**
 * The runs that make a runtime allocate, compile and read what requests will need: every recorded request, or zeros where there are
 * none, and each size of batch that the deployment asks for, made of the same rows.
 */
export function planWarmUp(
  signature: ModelSignature,
  batching: BatchingOptions,
  recorded: readonly RecordedRequest[],
): readonly WarmUpRun[] {
  const allOutputs = signature.outputs.map(({ name }) => name);
  const zeros: WarmUpRun = {
    what: 'inputs of zeros',
    inputs: zeroInputs(signature),
    outputNames: allOutputs,
    isRequired: true,
  };
  const given = recorded.map(({ file, inputs, outputNames }) => ({
    what: file,
    inputs,
    outputNames: outputNames.length === 0 ? allOutputs : outputNames,
    isRequired: true,
  }));
  const required = given.length === 0 ? [zeros] : given;
  if (!hasFreeBatch(signature)) return required;
  const known = new Set(required.map(({ inputs }) => rowsOf(inputs)));
  const sample = required.find(({ inputs }) => rowsOf(inputs) > 0) ?? zeros;
  const batches = wantedSizes(batching)
    .filter((rows) => !known.has(rows))
    .map((rows) => ({
      what: `a batch of ${rows}`,
      inputs: withRows(sample.inputs, rows),
      outputNames: sample.outputNames,
      isRequired: false,
    }));
  return [...required, ...batches];
}

/** Inputs of zeros (or empty strings) for a signature, free axes of size 1: enough to make a runtime allocate and compile. */
export function zeroInputs(signature: ModelSignature): Tensor[] {
  return signature.inputs.map(({ name, datatype, shape }) => {
    const concrete = shape.map((size) => (size === -1 ? 1 : size));
    const elementBytes = DATATYPE_SIZE_BYTES[datatype] ?? EMPTY_ELEMENT_BYTES;
    return { name, datatype, shape: concrete, data: new Uint8Array(elementCount(concrete, name) * elementBytes) };
  });
}

/** Whether the first axis of every tensor is one that requests choose: only such models are run in batches. */
function hasFreeBatch({ inputs, outputs }: ModelSignature): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
}

function wantedSizes({ maxBatchSize, preferredSizes }: BatchingOptions): number[] {
  const largest = maxBatchSize ?? Number.POSITIVE_INFINITY;
  const sizes = new Set([1, ...preferredSizes, ...(maxBatchSize === undefined ? [] : [maxBatchSize])]);
  return [...sizes].filter((size) => size <= largest).sort((left, right) => left - right);
}
