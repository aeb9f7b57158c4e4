import type { ModelDeployment } from '#generated/model-deployment';
import schema from '../../../../registry-schema/json/model-deployment.schema.json' with { type: 'json' };
import { compileSchema, type SchemaProblem, type Validation } from './compile-schema.ts';
import { ensembleProblems } from './ensemble-spec.mapper.ts';
import { rolloutProblems } from './rollout-contradictions.ts';

const validateForm = compileSchema<ModelDeployment>(schema);

/** Validates a parsed manifest against the contract, and what its fields say against each other. */
export function validateModelDeployment(document: unknown): Validation<ModelDeployment> {
  const form = validateForm(document);
  if (!form.ok) return form;
  const problems = contradictionsIn(form.value);
  return problems.length === 0 ? form : { ok: false, problems };
}

function contradictionsIn({ metadata, spec }: ModelDeployment): readonly SchemaProblem[] {
  if (spec.ensemble !== undefined) return ensembleProblems(spec.ensemble);
  const problems = rolloutProblems(metadata.name, spec.rollout ?? {});
  if (spec.cache === undefined || spec.sequence === undefined) return problems;
  const message = 'cannot be given beside sequence: what a model with state answers follows from more than the request';
  return [...problems, { path: 'spec.cache', message }];
}
