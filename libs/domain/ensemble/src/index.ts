export { checkStructure } from './check-structure.ts';
export { chooseByCondition, chooseByWeight, type Scalar, scalarOf } from './choose-branch.ts';
export { ENSEMBLE_PATH, type EnsembleProblem } from './ensemble-problem.ts';
export type {
  Binding,
  Branch,
  CombineStep,
  Condition,
  EnsembleSpec,
  EnsembleStep,
  ModelStep,
  ProcessingStep,
  SplitterStep,
  SwitchStep,
} from './ensemble-spec.ts';
export { membersOf, planEnsemble, type SignatureOf } from './plan-ensemble.ts';
export { processStep } from './process-step.ts';
export { branchesOf, inputsOf, type NamedValue, outputsOf } from './step-edges.ts';
export { describeType, fits, type TensorType } from './tensor-type.ts';
