import { DomainError } from '#domain/errors';
import type { SequenceOptions } from './serving-options.ts';
import type { ModelSignature, Tensor, TensorSpec } from './tensor.ts';

/** How the inputs and outputs of a model take part in its sequences, checked against its signature. */
export interface SequencePlan {
  readonly states: readonly { readonly output: TensorSpec; readonly input: TensorSpec }[];
  readonly startInput: TensorSpec | undefined;
  readonly endInput: TensorSpec | undefined;
  /** The inputs that clients send: all but states and controls. */
  readonly clientInputs: readonly TensorSpec[];
  /** Whether a state has a row for each row of the request, so that all requests of a sequence have as many. */
  readonly hasStatePerRow: boolean;
}

/**
 * Finds the tensors that a deployment's `spec.sequence` names.
 *
 * @throws SERVING_OPTIONS_INVALID naming the field of the manifest, what was wanted and what the model has.
 */
export function planSequence(signature: ModelSignature, options: SequenceOptions): SequencePlan {
  const taken = new Map<string, string>();
  const input = (name: string, field: string) => {
    const spec = requireSpec(signature.inputs, name, 'input', field);
    const other = taken.get(name);
    if (other !== undefined) throw invalid(field, `input "${name}" is named by ${other} already`);
    taken.set(name, field);
    return spec;
  };
  const control = (name: string | undefined, field: string) => {
    if (name === undefined) return undefined;
    const spec = input(name, field);
    if (spec.datatype === 'BYTES') throw invalid(field, `input "${name}" is BYTES, which has no 0 and 1`);
    return spec;
  };
  const states = options.states.map((state, index) => {
    const field = `spec.sequence.states[${index}]`;
    const output = requireSpec(signature.outputs, state.output, 'output', `${field}.output`);
    const taking = input(state.input, `${field}.input`);
    checkFit(output, taking, field);
    return { output, input: taking };
  });
  const startInput = control(options.startInput, 'spec.sequence.startInput');
  const endInput = control(options.endInput, 'spec.sequence.endInput');
  const clientInputs = signature.inputs.filter(({ name }) => !taken.has(name));
  if (clientInputs.length === 0) throw invalid('spec.sequence', 'no input is left for the requests');
  const hasStatePerRow = states.some((state) => state.input.shape[0] === -1);
  return { states, startInput, endInput, clientInputs, hasStatePerRow };
}

/** Rows of a request: the size of the first axis that the model leaves free, of the first input that has one; else 1. */
export function rowsOf(specs: readonly TensorSpec[], inputs: readonly Tensor[]): number {
  const batched = specs.find(({ shape }) => shape[0] === -1);
  return inputs.find(({ name }) => name === batched?.name)?.shape[0] ?? 1;
}

function requireSpec(specs: readonly TensorSpec[], name: string, kind: 'input' | 'output', field: string): TensorSpec {
  const found = specs.find((spec) => spec.name === name);
  if (found !== undefined) return found;
  throw invalid(field, `the model has no ${kind} "${name}": it has ${specs.map((spec) => spec.name).join(', ')}`);
}

/** What one run gives out must be what the next one takes. */
function checkFit(output: TensorSpec, input: TensorSpec, field: string): void {
  if (output.datatype !== input.datatype) {
    throw invalid(field, `output "${output.name}" is ${output.datatype}, input "${input.name}" ${input.datatype}`);
  }
  const fits =
    output.shape.length === input.shape.length &&
    output.shape.every((size, axis) => size === -1 || input.shape[axis] === -1 || size === input.shape[axis]);
  if (fits) return;
  const shapes = `[${output.shape.join(',')}] does not fit [${input.shape.join(',')}]`;
  throw invalid(field, `the shape of output "${output.name}" and input "${input.name}": ${shapes}`);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('SERVING_OPTIONS_INVALID', `${field}: ${problem}`, { field });
}
