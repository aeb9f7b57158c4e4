import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { installSchemathesis } from '../servers/python.ts';

/** What a schema cannot say of tensors is whether the data fill the shape, where the request chooses it. */
export const INEXACT = ['--exclude-checks', 'positive_data_acceptance'] as const;

/** A run of schemathesis. */
export interface SchemathesisRun {
  /** Where the OpenAPI document is. */
  readonly url: string;
  /** In which it may keep notes. */
  readonly folder: string;
  readonly config?: 'schemathesis.toml' | 'schemathesis-access.toml';
  /** Requests that are made up for each operation in its phases. */
  readonly maxExamples: number;
  /** With commas between; all but those that need links between operations unless it says otherwise. */
  readonly phases?: string;
  readonly args?: readonly string[];
}

/** Requests whatever an OpenAPI document tells of; no answer may contradict it. @returns what schemathesis prints. */
export async function runSchemathesis(run: SchemathesisRun): Promise<string> {
  const {
    url,
    folder,
    config = 'schemathesis.toml',
    maxExamples,
    phases = 'examples,coverage,fuzzing',
    args = [],
  } = run;
  const program = await installSchemathesis();
  const all = [
    ...['--config-file', join(import.meta.dirname, config), 'run', url, ...args],
    ...['--phases', phases, '--max-examples', String(maxExamples), '--seed', '1'],
  ];
  const { status, stdout, stderr } = spawnSync(program, all, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  expect(status, `${program} ${all.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** How many requests a run made up. */
export function generatedIn(output: string): number {
  return Number(/(\d+) generated/.exec(output)?.[1]);
}
