export type { LocalFile, LocalModel, LocalVersion, ModelLayout } from './local-model.ts';
export { readLocalModel } from './read-local-model.ts';
export { tritonModelsIn } from './triton-model.ts';
