import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { runSlipway } from './run-slipway.ts';
import type { SlipwayServer } from './slipway-server.ts';

/** The committed digit models. */
export const digitsDirectory = join(import.meta.dirname, '../models/digits');

/**
 * Registers the digit models up to a version with the command line, deploys that one, and waits until it answers.
 *
 * @param key that may ask whether it does, where policies decide.
 */
export async function serveDigits(server: SlipwayServer, version: number, key?: string): Promise<void> {
  for (let number = 1; number <= version; number += 1) {
    const file = join(digitsDirectory, `digits-${number}.onnx`);
    const metadata = join(digitsDirectory, `metadata-${number}.json`);
    const push = await runSlipway(server, ['model', 'push', 'digits', file, '--metadata', metadata]);
    expect(push.exitCode, push.stderr).toBe(0);
  }
  const deploy = await runSlipway(server, ['deploy', `digits@${version}`]);
  expect(deploy.exitCode, deploy.stderr).toBe(0);
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const url = `${server.gateway}/v2/models/digits/versions/${version}/ready`;
  const ready = async () => (await fetch(url, { headers })).status;
  await eventually(`digits@${version} answers`, ready, (status) => status === 200);
}
