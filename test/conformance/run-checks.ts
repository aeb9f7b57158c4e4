import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';

/**
 * Runs a script of checks with clients that we did not write. It prints a line of JSON for each, and all of them must have passed.
 *
 * @param minimum of checks: a script that ends early finds nothing wrong.
 */
export function expectChecksToPass(python: string, args: readonly string[], minimum: number): void {
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 120_000 });
  const checks = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { check: string; passed: boolean; detail: string });
  const failed = checks.filter((check) => !check.passed);
  expect(failed, stderr).toEqual([]);
  expect(checks.length, stderr).toBeGreaterThanOrEqual(minimum);
  expect(status, stderr).toBe(0);
}
