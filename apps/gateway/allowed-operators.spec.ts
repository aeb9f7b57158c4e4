import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noOperatorSettings, operatorSettingsOf } from './allowed-operators.ts';
import type { GatewayConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'operators-'));
const path = join(folder, 'libmine.so');
writeFileSync(path, 'code');
const digest = `sha256:${createHash('sha256').update('code').digest('hex')}`;
const config = (operators: string[], operatorLibraries: string[]) =>
  ({ operators, operatorLibraries }) as unknown as GatewayConfig;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('operatorSettingsOf', () => {
  it('are the libraries that are named and allowed', () => {
    const { operators, operatorLibraries } = operatorSettingsOf(config([digest], [path]));
    expect(operators).toEqual({ digests: new Set([digest]) });
    expect(operatorLibraries).toEqual([{ path, digest }]);
  });

  it('refuse libraries that are not allowed or not there, all of them at once', () => {
    const missing = join(folder, 'missing.so');
    expect(() => operatorSettingsOf(config([], [path, missing]))).toThrow(
      expect.objectContaining({
        problems: [
          `SLIPWAY_GATEWAY_OPERATOR_LIBRARIES: ${path} is ${digest}, which SLIPWAY_GATEWAY_OPERATORS does not allow`,
          `SLIPWAY_GATEWAY_OPERATOR_LIBRARIES: ${missing} cannot be read`,
        ],
      }),
    );
  });
});

describe('noOperatorSettings', () => {
  it('allow nothing, and say what would', () => {
    expect(noOperatorSettings(config([], [])).operators).toEqual({
      digests: new Set(),
      obstacle: expect.stringContaining('set SLIPWAY_GATEWAY_RUNTIME to native'),
    });
  });

  it('are refused when there are any', () => {
    expect(() => noOperatorSettings(config([digest], []))).toThrow(/SLIPWAY_GATEWAY_OPERATORS is set, and .* native/);
    expect(() => noOperatorSettings(config([], [path]))).toThrow(/SLIPWAY_GATEWAY_OPERATOR_LIBRARIES is set/);
  });
});
