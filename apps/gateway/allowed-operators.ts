import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '#adapters/config';
import type { AllowedOperators, OperatorLibrary } from '#application/serving';
import type { Digest } from '#domain/registry';
import type { GatewayConfig } from './config.ts';

/** What a gateway's settings say of operator libraries. */
export interface OperatorSettings {
  readonly operators: AllowedOperators;
  /** From which every model may take operators. */
  readonly operatorLibraries: readonly OperatorLibrary[];
}

/**
 * The settings of a gateway whose runtime loads operator libraries.
 *
 * @throws ConfigError for each library that cannot be read or is not allowed
 */
export function operatorSettingsOf({ operators, operatorLibraries }: GatewayConfig): OperatorSettings {
  const digests = new Set(operators as readonly Digest[]);
  const problems: string[] = [];
  const libraries = operatorLibraries.flatMap((named) => {
    const path = resolve(named);
    const digest = digestOf(path);
    if (digest !== undefined && digests.has(digest)) return [{ path, digest }];
    const problem =
      digest === undefined ? 'cannot be read' : `is ${digest}, which SLIPWAY_GATEWAY_OPERATORS does not allow`;
    problems.push(`SLIPWAY_GATEWAY_OPERATOR_LIBRARIES: ${path} ${problem}`);
    return [];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { operators: { digests }, operatorLibraries: libraries };
}

/**
 * The settings of a gateway whose runtime loads none.
 *
 * @throws ConfigError when there are any
 */
export function noOperatorSettings({ operators, operatorLibraries }: GatewayConfig): OperatorSettings {
  const set = [
    ...(operators.length > 0 ? ['SLIPWAY_GATEWAY_OPERATORS'] : []),
    ...(operatorLibraries.length > 0 ? ['SLIPWAY_GATEWAY_OPERATOR_LIBRARIES'] : []),
  ];
  const remedy = 'onnxruntime-node loads no operator libraries: set SLIPWAY_GATEWAY_RUNTIME to native';
  if (set.length > 0) throw new ConfigError(set.map((variable) => `${variable} is set, and ${remedy}`));
  return { operators: { digests: new Set(), obstacle: remedy }, operatorLibraries: [] };
}

function digestOf(path: string): Digest | undefined {
  try {
    return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}` as Digest;
  } catch {
    return undefined;
  }
}
