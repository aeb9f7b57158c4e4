import { assertNever, DomainError, isDomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { cast, typeOfCast } from './cast.ts';
import { combine, typeOfCombine } from './combine.ts';
import { concat, typeOfConcat } from './concat.ts';
import type { CombineStep, ProcessingStep } from './ensemble-spec.ts';
import { labels, typeOfLabels } from './labels.ts';
import { argmax, topK, typeOfArgmax, typesOfTopK } from './largest.ts';
import { typeOfReshape } from './reshape.ts';
import { scale, typeOfScale } from './scale.ts';
import { softmax, typeOfSoftmax } from './softmax.ts';
import { outputsOf } from './step-edges.ts';
import type { TensorType } from './tensor-type.ts';
import { transpose, typeOfTranspose } from './transpose.ts';

/**
 * What a step makes of its inputs, as far as it can be told from their types.
 *
 * @param inputs in the order of the step's inputs.
 * @returns in the order of the step's outputs.
 * @throws ENSEMBLE_INVALID when the step cannot take them; `context.field` is relative to the step.
 */
export function typesOfStep(step: ProcessingStep, inputs: readonly TensorType[]): TensorType[] {
  const input = inputs[0] ?? { datatype: 'FP32', shape: [] };
  switch (step.kind) {
    case 'cast':
      return [typeOfCast(step, input)];
    case 'scale':
      return [typeOfScale(step, input)];
    case 'reshape':
      return [typeOfReshape(step, input)];
    case 'transpose':
      return [typeOfTranspose(step, input)];
    case 'softmax':
      return [typeOfSoftmax(step, input)];
    case 'argmax':
      return [typeOfArgmax(step, input)];
    case 'topK':
      return typesOfTopK(step, input);
    case 'labels':
      return [typeOfLabels(step, input)];
    case 'concat':
      return [typeOfConcat(step, inputs)];
    case 'combine':
      return [typeOfCombine(step, inputs)];
    default:
      return assertNever(step);
  }
}

/**
 * Runs a step.
 *
 * @param inputs in the order of the step's inputs; for `combine`, `undefined` stands for an answer that did not come.
 * @returns in the order of the step's outputs, named by its values. Their bytes may be those of the inputs.
 * @throws TENSOR_INVALID when the inputs are not such as the step can take.
 */
export function processStep(step: ProcessingStep, inputs: readonly (Tensor | undefined)[]): Tensor[] {
  const present = inputs.filter((tensor) => tensor !== undefined);
  try {
    const types = typesOfStep(step, present);
    const data = computed(step, present, inputs);
    return outputsOf(step).map(({ value }, index) => {
      const { datatype, shape } = types[index] ?? { datatype: 'FP32', shape: [] };
      return { name: value, datatype, shape, data: data[index] ?? new Uint8Array(0) };
    });
  } catch (error) {
    if (!isDomainError(error, 'ENSEMBLE_INVALID')) throw error;
    throw new DomainError('TENSOR_INVALID', `${error.context['field']}: ${error.message}`, {}, { cause: error });
  }
}

function computed(
  step: ProcessingStep,
  present: readonly Tensor[],
  inputs: readonly (Tensor | undefined)[],
): readonly Uint8Array[] {
  const [input] = present;
  if (input === undefined) throw new Error(`${step.kind} has no input`);
  switch (step.kind) {
    case 'cast':
      return [cast(step, input)];
    case 'scale':
      return [scale(step, input)];
    case 'reshape':
      return [input.data];
    case 'transpose':
      return [transpose(step, input)];
    case 'softmax':
      return [softmax(step, input)];
    case 'argmax':
      return [argmax(step, input)];
    case 'topK':
      return topK(step, input);
    case 'labels':
      return [labels(step, input)];
    case 'concat':
      return [concat(step, present)];
    case 'combine':
      return [combine(step, answersOf(step, inputs))];
    default:
      return assertNever(step);
  }
}

function answersOf({ weights }: CombineStep, inputs: readonly (Tensor | undefined)[]) {
  return inputs.flatMap((tensor, index) => (tensor === undefined ? [] : [{ tensor, weight: weights[index] ?? 1 }]));
}
