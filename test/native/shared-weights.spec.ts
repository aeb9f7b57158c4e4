import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureSessions, SHARED_FACTOR } from '../bench/native/measure-sessions.ts';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const MODELS = ['mlp-784', 'resnet50'];
const SESSIONS = 20;
const folder = mkdtempSync(join(tmpdir(), 'native-weights-'));

beforeAll(async () => {
  const writer = join(import.meta.dirname, '../models/write_bench_models.py');
  await runCommand(await installInteropPython(), [writer, folder, ...MODELS]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform !== 'linux')('sessions of one model', () => {
  it.each(MODELS)('of %s share its weights: twenty take little more than one', async (model) => {
    const { oneMib, allMib, activationsMib } = await measureSessions(join(folder, `${model}.onnx`), SESSIONS);
    expect(oneMib).toBeGreaterThan(0);
    expect(allMib).toBeLessThanOrEqual(SHARED_FACTOR * oneMib + activationsMib);
  });
});
