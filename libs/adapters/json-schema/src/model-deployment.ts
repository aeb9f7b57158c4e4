import type { ModelDeployment } from '#generated/model-deployment';
import schema from '../../../../registry-schema/json/model-deployment.schema.json' with { type: 'json' };
import { compileSchema } from './compile-schema.ts';

/** Validates a parsed manifest against the contract. */
export const validateModelDeployment = compileSchema<ModelDeployment>(schema);
