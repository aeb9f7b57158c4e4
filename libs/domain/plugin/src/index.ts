export { HOST_INTERFACE, INTERFACE_OF_KIND, interfaceProblem } from './interface-version.ts';
export { PLUGIN_KINDS, type PluginKind, type WorkerKind } from './plugin-kind.ts';
export {
  lifeAfter,
  NEW_LIFE,
  type PluginEvent,
  type PluginLife,
  type PluginPhase,
  REPLACEMENT_POLICY,
  type ReplacementPolicy,
  takesCalls,
} from './plugin-life.ts';
export { manifestProblems, type PluginManifest, type PluginProblem } from './plugin-manifest.ts';
export { type ProcessorShape, processedView } from './processed-view.ts';
export {
  commonSelection,
  isSelected,
  selectionInWords,
  selectionProblems,
  type VariantSelection,
} from './served-variants.ts';
