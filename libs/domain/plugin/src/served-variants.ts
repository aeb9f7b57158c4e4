import type { PluginProblem } from './plugin-manifest.ts';

/** Formats that runtimes of Slipway's own run, which no plugin can take from them. */
const OWN_FORMATS = ['onnx', 'om'];

/** Variants that a runtime runs: those of a format, those for a hardware target, or those of a format for a target. */
export interface VariantSelection {
  /** Absent: any but those that Slipway's own runtimes run. */
  readonly format?: string;
  /** Absent: any. */
  readonly target?: string;
}

/** Whether a runtime that was given the selection runs a variant. */
export function isSelected({ format, target }: VariantSelection, variant: Required<VariantSelection>): boolean {
  return (
    !OWN_FORMATS.includes(variant.format) &&
    (format === undefined || format === variant.format) &&
    (target === undefined || target === variant.target)
  );
}

/** Stands for a selection in messages and lists, such as `gguf for cuda`. */
export function selectionInWords({ format, target }: VariantSelection): string {
  if (format === undefined) return `any format for ${target}`;
  return target === undefined ? format : `${format} for ${target}`;
}

/** What is wrong with the selections of one runtime. */
export function selectionProblems(selections: readonly VariantSelection[]): readonly PluginProblem[] {
  return selections.flatMap(({ format }, index) =>
    format !== undefined && OWN_FORMATS.includes(format)
      ? [{ path: `serves[${index}].format`, message: `${format} is run by a runtime of Slipway's own` }]
      : [],
  );
}

/** The first selection of one runtime that has variants in common with one of another; `undefined` when there is none. */
export function commonSelection(
  ours: readonly VariantSelection[],
  theirs: readonly VariantSelection[],
): VariantSelection | undefined {
  const meet = (left: string | undefined, right: string | undefined) =>
    left === undefined || right === undefined || left === right;
  return ours.find((one) => theirs.some((other) => meet(one.format, other.format) && meet(one.target, other.target)));
}
