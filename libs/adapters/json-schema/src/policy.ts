import { isIP } from 'node:net';
import type { PolicyDocument, When } from '#generated/policy';
import deploymentSchema from '../../../../registry-schema/json/model-deployment.schema.json' with { type: 'json' };
import schema from '../../../../registry-schema/json/policy.schema.json' with { type: 'json' };
import { compileSchema, type SchemaProblem, type Validation } from './compile-schema.ts';
import { timeWindowProblems } from './time-window.mapper.ts';

/** What a policy says its kind is. */
export const POLICY_KIND = 'Policy';

const validateForm = compileSchema<PolicyDocument>(schema, [deploymentSchema]);

/** Validates a parsed policy against the contract. Whether its roles and actions are there, the domain says of all policies together. */
export function validatePolicy(document: unknown): Validation<PolicyDocument> {
  const form = validateForm(document);
  if (!form.ok) return form;
  const { bindings = [], rules = [], limits = [] } = form.value.spec;
  const problems = [
    ...bindings.flatMap(({ when }, index) => whenProblems(when, `spec.bindings[${index}].when`)),
    ...rules.flatMap(({ when }, index) => whenProblems(when, `spec.rules[${index}].when`)),
    ...limits.flatMap(({ requests, bytes, concurrent }, index) =>
      (requests ?? bytes ?? concurrent) === undefined
        ? [{ path: `spec.limits[${index}]`, message: 'limits nothing: it needs requests, bytes or concurrent' }]
        : [],
    ),
  ];
  return problems.length === 0 ? form : { ok: false, problems };
}

function whenProblems({ time, network }: When = {}, path: string): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  if (time !== undefined) {
    const [key, windows] = 'in' in time ? ['in', time.in] : ['notIn', time.notIn];
    problems.push(...windows.flatMap((window, index) => timeWindowProblems(window, `${path}.time.${key}[${index}]`)));
  }
  if (network !== undefined) {
    const [key, networks] = 'in' in network ? ['in', network.in] : ['notIn', network.notIn];
    for (const [index, text] of networks.entries()) {
      if (isNetwork(text)) continue;
      problems.push({
        path: `${path}.network.${key}[${index}]`,
        message: `${text} is not a network: write it like 10.0.0.0/8 or fd00::/8`,
      });
    }
  }
  return problems;
}

/** Whether a text is a network in CIDR notation. */
function isNetwork(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/');
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}
