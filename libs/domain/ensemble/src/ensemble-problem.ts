/** One thing that is wrong with an ensemble, at its path in the manifest. */
export interface EnsembleProblem {
  readonly path: string;
  readonly message: string;
}

/** Where ensembles stand in a manifest. */
export const ENSEMBLE_PATH = 'spec.ensemble';
