import type { Tensor } from '#domain/inference';
import { packStrings } from './byte-strings.ts';
import type { LabelsStep } from './ensemble-spec.ts';
import { numbersOf } from './tensor-numbers.ts';
import { isInteger, misfit, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfLabels(_step: LabelsStep, input: TensorType): TensorType {
  requireDatatype(input, isInteger, 'integers', 'labels.input');
  return { datatype: 'BYTES', shape: input.shape };
}

/** Names for indices. @throws ENSEMBLE_INVALID for an index without a name. */
export function labels({ labels: names }: LabelsStep, input: Tensor): Uint8Array {
  const chosen = Array.from(numbersOf(input), (index) => {
    const name = names[index];
    if (name === undefined) throw misfit('labels.labels', `index ${index} has no label: there are ${names.length}`);
    return name;
  });
  return packStrings(chosen.map((name) => new TextEncoder().encode(name)));
}
