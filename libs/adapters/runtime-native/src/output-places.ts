import { DATATYPE_SIZE_BYTES, type Datatype, type Tensor } from '#domain/inference';
import type { NativePort } from './addon.ts';
import { datatypeOf } from './tensor-conversion.ts';

/**
 * Gives memory for an output, aligned for any datatype; `undefined`: there is none, and the output goes where it would go otherwise.
 */
export type TakeMemory = (sizeBytes: number) => Uint8Array | undefined;

interface InputAxis {
  readonly input: string;
  readonly axis: number;
}

/** A size of an output: fixed, or that of an input's axis. */
type Size = number | InputAxis;

interface Rule {
  readonly datatype: Datatype;
  readonly elementBytes: number;
  readonly shape: readonly Size[];
}

const UNKNOWN = -1;

/**
 * Which outputs of a model have a size that is known before it runs: those whose free sizes have names that an input's sizes have, too.
 * Strings have none.
 *
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md, dimension variables
 */
export class OutputPlaces {
  readonly #rules = new Map<string, Rule>();

  constructor(inputs: readonly NativePort[], outputs: readonly NativePort[]) {
    const known = new Map<string, Size>();
    for (const { name, symbols } of inputs)
      for (const [axis, symbol] of symbols.entries())
        if (symbol !== '' && !known.has(symbol)) known.set(symbol, { input: name, axis });
    for (const output of outputs) {
      const rule = ruleOf(output, known);
      if (rule !== undefined) this.#rules.set(output.name, rule);
    }
  }

  /**
   * Takes memory for the outputs of a run.
   *
   * @returns by output, with nothing in it yet; `undefined` in place of one that gets none, and for a run of which none does.
   */
  take(
    inputs: readonly Tensor[],
    outputNames: readonly string[],
    take: TakeMemory,
  ): (Tensor | undefined)[] | undefined {
    const places = outputNames.map((name) => {
      const rule = this.#rules.get(name);
      return rule && placeOf(name, rule, inputs, take);
    });
    return places.some((place) => place !== undefined) ? places : undefined;
  }
}

function ruleOf({ elementType = 0, shape, symbols }: NativePort, known: ReadonlyMap<string, Size>): Rule | undefined {
  const datatype = datatypeOf(elementType);
  const elementBytes = datatype && DATATYPE_SIZE_BYTES[datatype];
  if (datatype === undefined || elementBytes === undefined) return undefined;
  const sizes = shape.map((size, axis) => (size >= 0 ? size : known.get(symbols[axis] ?? '')));
  return sizes.includes(undefined) ? undefined : { datatype, elementBytes, shape: sizes as Size[] };
}

function placeOf(name: string, rule: Rule, inputs: readonly Tensor[], take: TakeMemory): Tensor | undefined {
  const shape = rule.shape.map((size) => (typeof size === 'number' ? size : sizeIn(inputs, size)));
  // An input that is not there, or has too few axes: the run fails, and says so.
  if (shape.includes(UNKNOWN)) return undefined;
  const data = take(shape.reduce((product, size) => product * size, rule.elementBytes));
  return data && { name, datatype: rule.datatype, shape, data };
}

function sizeIn(inputs: readonly Tensor[], { input, axis }: InputAxis): number {
  return inputs.find(({ name }) => name === input)?.shape[axis] ?? UNKNOWN;
}
