import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledLibrary, NativeModelSession } from '#adapters/runtime-native';
import type { Tensor } from '#domain/inference';
import { digestOfFile, exampleOperators, operatorAnswer, WIDTH, writeOperatorModel } from './operator-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'native-operators-'));
const values = [1, -3, 0.25, 2];
const x: Tensor = {
  name: 'x',
  datatype: 'FP32',
  shape: [WIDTH],
  data: new Uint8Array(Float32Array.from(values).buffer),
};
writeOperatorModel(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (...operatorLibraries: { path: string; digest: string }[]) =>
  NativeModelSession.load(join(folder, 'model.onnx'), 1, {
    libraryPath: bundledLibrary(),
    provider: 'cpu',
    operatorLibraries,
  });
/** A copy of the example library, and its digest. */
function copyOf(name: string) {
  const path = join(folder, name);
  copyFileSync(exampleOperators, path);
  return { path, digest: digestOfFile(path) };
}

async function expectRight(session: NativeModelSession): Promise<void> {
  const [y] = await session.run([x], ['y']);
  const answered = new Float32Array(Uint8Array.from(y?.data ?? []).buffer);
  for (const [index, value] of operatorAnswer(values).entries())
    expect(Math.abs((answered[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
}

describe('NativeModelSession with operator libraries', () => {
  it('computes with their operators, in sessions that come and go', async () => {
    const library = copyOf('a.so');
    const [first, second] = [await load(library), await load(library)];
    await expectRight(first);
    await first.release();
    await expectRight(second);
    await second.release();
    await expectRight(await load(library));
  });

  it('takes one that both its version and its gateway bring', async () => {
    await expectRight(await load(copyOf('first.so'), copyOf('second.so')));
  });

  it('opens nothing that was changed, and what it has opened stays what it was', async () => {
    const library = copyOf('b.so');
    const session = await load(library);
    writeFileSync(library.path, 'other code');
    await expect(load(library)).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: `the operator library ${library.path} was changed: it is ${digestOfFile(library.path)}, not ${library.digest}`,
    });
    await expectRight(session);
  });

  it('tells which are missing or are no libraries', async () => {
    const missing = { path: join(folder, 'missing.so'), digest: digestOfFile(exampleOperators) };
    await expect(load(missing)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/an operator library cannot be read: .*missing\.so/),
    });
    const path = join(folder, 'text.so');
    writeFileSync(path, 'no library');
    await expect(load({ path, digest: digestOfFile(path) })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/Failed to load library/),
    });
  });

  it('fails for a model whose operators nobody brings', async () => {
    await expect(load()).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/slipway\.example/),
    });
  });
});
