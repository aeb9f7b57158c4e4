import type { Datatype, TensorSpec } from '#domain/inference';

/**
 * A graph of models and processing steps that is served like a model. Steps are joined by values: tensors with a name that is given
 * once. The order of the steps means nothing; each runs as soon as the values that it takes are there.
 */
export interface EnsembleSpec {
  /** Values that a request brings. */
  readonly inputs: readonly TensorSpec[];
  /** Values that are answered. */
  readonly outputs: readonly TensorSpec[];
  readonly steps: readonly EnsembleStep[];
}

/** One node of the graph. */
export type EnsembleStep = ModelStep | ProcessingStep | SplitterStep | SwitchStep;

/** A step that computes its outputs from its inputs alone, in memory. */
export type ProcessingStep =
  | CastStep
  | ScaleStep
  | ReshapeStep
  | TransposeStep
  | SoftmaxStep
  | ArgmaxStep
  | TopKStep
  | LabelsStep
  | ConcatStep
  | CombineStep;

/** Which tensor of a model, or of what is around a branch, is which value. */
export interface Binding {
  readonly tensor: string;
  readonly value: string;
}

/** Calls a deployment of the same namespace. */
export interface ModelStep {
  readonly kind: 'model';
  readonly deployment: string;
  /** `undefined` leaves the choice to the deployment's route. */
  readonly version: number | undefined;
  /** Every input of the model once. */
  readonly inputs: readonly Binding[];
  /** The outputs that are wanted. */
  readonly outputs: readonly Binding[];
  /** How long the answer is of use; `undefined`: as long as the request's own. */
  readonly timeoutMs: number | undefined;
}

/** Another datatype; out of its range the nearest number, fractions cut off, NaN becomes 0. */
export interface CastStep {
  readonly kind: 'cast';
  readonly input: string;
  readonly datatype: Datatype;
  readonly output: string;
}

/** (x - mean) / std; integers become FP32. */
export interface ScaleStep {
  readonly kind: 'scale';
  readonly input: string;
  /** One number, or one for each index of the axis. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Given when there is more than one number; negative counts from the last one. */
  readonly axis: number | undefined;
  readonly output: string;
}

/** The same elements under another shape: 0 keeps the axis at its place, -1 takes what is left, once. */
export interface ReshapeStep {
  readonly kind: 'reshape';
  readonly input: string;
  readonly shape: readonly number[];
  readonly output: string;
}

/** The axes in another order: the place of each in the input. */
export interface TransposeStep {
  readonly kind: 'transpose';
  readonly input: string;
  readonly axes: readonly number[];
  readonly output: string;
}

/** Probabilities along an axis. */
export interface SoftmaxStep {
  readonly kind: 'softmax';
  readonly input: string;
  readonly axis: number;
  readonly output: string;
}

/** INT64 index of the largest element along an axis, which is left out; the first of equal ones. */
export interface ArgmaxStep {
  readonly kind: 'argmax';
  readonly input: string;
  readonly axis: number;
  readonly output: string;
}

/** The k largest elements along the last axis, falling, and their INT64 indices; the first of equal ones first. */
export interface TopKStep {
  readonly kind: 'topK';
  readonly input: string;
  readonly k: number;
  /** At least one of these two is given. */
  readonly values: string | undefined;
  readonly indices: string | undefined;
}

/** Names (BYTES) for indices. */
export interface LabelsStep {
  readonly kind: 'labels';
  readonly input: string;
  readonly labels: readonly string[];
  readonly output: string;
}

/** Tensors behind each other along an axis. */
export interface ConcatStep {
  readonly kind: 'concat';
  readonly inputs: readonly string[];
  readonly axis: number;
  readonly output: string;
}

/**
 * One answer from several.
 * - `mean`: of floats, element by element.
 * - `confidence`: the mean weighted, in each row, by the row's largest element; rows run along the last axis.
 * - `vote`: what most inputs say, element by element; of equal ones, what the first input among them says.
 */
export interface CombineStep {
  readonly kind: 'combine';
  readonly inputs: readonly string[];
  readonly by: 'mean' | 'confidence' | 'vote';
  /** One for each input. */
  readonly weights: readonly number[];
  /** How many inputs must be there; the others may have failed. */
  readonly minAnswers: number;
  readonly output: string;
}

/** A part of the graph of which only one at a time runs. Its steps may take the values around it; others see its outputs only. */
export interface Branch {
  readonly steps: readonly EnsembleStep[];
  /** The tensor is the value's name outside; every branch of a step has the same ones. */
  readonly outputs: readonly Binding[];
}

/** Runs one of several branches, by weight. */
export interface SplitterStep {
  readonly kind: 'splitter';
  /** `request`: by the inputs, so that equal requests go the same way. */
  readonly by: 'chance' | 'request';
  readonly branches: readonly (Branch & { readonly weight: number })[];
}

/** Runs the first branch whose condition holds. */
export interface SwitchStep {
  readonly kind: 'switch';
  readonly on: { readonly kind: 'parameter' | 'value'; readonly name: string };
  readonly cases: readonly (Branch & { readonly condition: Condition })[];
  /** When none holds; without it the request fails then. */
  readonly otherwise: Branch | undefined;
}

/** What the parameter or value of a switch is compared with. */
export type Condition =
  | { readonly kind: 'equals'; readonly operand: string | number | boolean }
  | { readonly kind: 'below'; readonly operand: number }
  | { readonly kind: 'atLeast'; readonly operand: number };
