import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { runtimeContract } from '#testing';
import { bundledLibrary } from './bundled-library.ts';
import { describeNativeRuntime } from './native-library.ts';
import { NativeModelSession } from './native-model-session.ts';

const prepared = mkdtempSync(join(tmpdir(), 'prepared-'));
afterAll(() => rmSync(prepared, { recursive: true, force: true }));
const choice = { libraryPath: bundledLibrary(), provider: 'cpu' };
const load = (path: string) => NativeModelSession.load(path, 1, choice);

runtimeContract('NativeModelSession, on the calling thread', load);
runtimeContract('NativeModelSession, on its own thread', async (path) => {
  const session = await load(path);
  return {
    run: (inputs, outputNames) => session.runAside(inputs, outputNames),
    release: () => session.release(),
  };
});
runtimeContract("NativeModelSession, into its caller's memory", async (path) => {
  const session = await load(path);
  return {
    run: (inputs, outputNames) => session.run(inputs, outputNames, undefined, (sizeBytes) => new Uint8Array(sizeBytes)),
    release: () => session.release(),
  };
});

runtimeContract('NativeModelSession, of a model that was prepared', (path) =>
  NativeModelSession.load(path, 1, { ...choice, preparedFolder: preparedFolderOf(path) }),
);

const models = join(import.meta.dirname, '../../../../test/models/digits');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][] };
const pixels = {
  name: 'pixels',
  datatype: 'FP32' as const,
  shape: [500, 64],
  data: new Uint8Array(Float32Array.from(held.pixels.flat()).buffer),
};

describe('NativeModelSession beside OnnxModelSession', () => {
  it.each(['digits-1.onnx', 'digits-2.onnx'])('answers the same for %s', async (file) => {
    const path = join(models, file);
    const [native, other] = [await load(path), await OnnxModelSession.load(path, 1)];
    const [ours] = await native.run([pixels], ['probabilities']);
    const [theirs] = await other.run([pixels], ['probabilities']);
    const [left, right] = [floats(ours?.data), floats(theirs?.data)];
    expect(left).toHaveLength(5000);
    for (const [index, value] of left.entries())
      expect(Math.abs(value - (right[index] ?? Number.NaN))).toBeLessThanOrEqual(1e-6 * Math.abs(value));
  });
});

describe('NativeModelSession', () => {
  it('leaves the loop free while a session computes on its own thread', async () => {
    const session = await load(join(models, 'digits-2.onnx'));
    const many = { ...pixels, shape: [100_000, 64], data: new Uint8Array(100_000 * 64 * 4) };
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    const run = session.runAside([many], ['probabilities']);
    setImmediate(count);
    await run;
    isOver = true;
    expect(turns).toBeGreaterThan(10);
  });

  it('computes runs of one session in the order in which they were asked for', async () => {
    const session = await load(join(models, 'digits-2.onnx'));
    const settled: number[] = [];
    const rows = [300, 1, 200, 2];
    await Promise.all(
      rows.map(async (count) => {
        const part = { ...pixels, shape: [count, 64], data: pixels.data.subarray(0, count * 256) };
        const [label] = await session.runAside([part], ['label']);
        settled.push(label?.shape[0] ?? 0);
      }),
    );
    expect(settled).toEqual(rows);
  });

  it('refuses tensors whose bytes are not those of their shape, and names that the model has not', async () => {
    const session = await load(join(models, 'digits-2.onnx'));
    await expect(session.run([{ ...pixels, shape: [499, 64] }], ['label'])).rejects.toThrow(
      'input pixels: 128000 bytes are not a tensor of shape [499, 64] with elements of 4 bytes',
    );
    await expect(session.run([{ ...pixels, shape: [-500, -64] }], ['label'])).rejects.toThrow(/are not a tensor/);
    await expect(session.run([pixels], ['digit'])).rejects.toThrow('the model has no output digit: it has label,');
    await expect(session.run([{ ...pixels, name: 'x' }], ['label'])).rejects.toThrow('no input x: it has pixels');
  });

  it("has outputs of a known size written into its caller's memory, and copies none of them", async () => {
    const session = await load(join(models, 'digits-2.onnx'));
    const room = new Uint8Array(2 ** 16);
    let used = 0;
    const take = (sizeBytes: number) => {
      const taken = room.subarray(used, used + sizeBytes);
      used += Math.ceil(sizeBytes / 64) * 64;
      return taken;
    };
    const outputs = await session.run([pixels], ['probabilities', 'label'], undefined, take);
    const elsewhere = await session.run([pixels], ['probabilities', 'label']);
    expect(outputs.map(({ data }) => [data.buffer === room.buffer, data.byteOffset])).toEqual([
      [true, 0],
      [true, Math.ceil(20_000 / 64) * 64],
    ]);
    expect(outputs.map((output) => ({ ...output, data: Uint8Array.from(output.data) }))).toEqual(elsewhere);
  });

  it('runs nothing after its release', async () => {
    const session = await load(join(models, 'digits-2.onnx'));
    await session.release();
    await session.release();
    await expect(session.run([pixels], ['label'])).rejects.toThrow('the model was released');
    await expect(session.runAside([pixels], ['label'])).rejects.toThrow('the model was released');
  });

  it('names what a library lacks', async () => {
    const path = join(models, 'digits-2.onnx');
    await expect(NativeModelSession.load(path, 1, { ...choice, provider: 'cann' })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/^the ONNX Runtime library has no provider cann: it has .*cpu/),
    });
    await expect(NativeModelSession.load(path, 1, { ...choice, provider: 'cuda' })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringMatching(/cuda/),
    });
    await expect(
      NativeModelSession.load(path, 1, { ...choice, libraryPath: '/nowhere/libonnxruntime.so' }),
    ).rejects.toThrow(/cannot open \/nowhere\/libonnxruntime.so, too/);
  });
});

describe('a prepared model', () => {
  const path = join(models, 'digits-2.onnx');

  it('is made once for all that load it at the same time, and left there', async () => {
    const preparedFolder = preparedFolderOf('at once');
    const loads = Array.from({ length: 5 }, () => NativeModelSession.load(path, 1, { ...choice, preparedFolder }));
    const answers = await Promise.all((await Promise.all(loads)).map((session) => session.run([pixels], ['label'])));
    const [expected] = await (await load(path)).run([pixels], ['label']);
    for (const [label] of answers) expect(label).toEqual(expected);
    const written = statSync(join(preparedFolder, 'model.onnx'));
    expect(readdirSync(dirname(preparedFolder)).filter((name) => name.startsWith('at once'))).toEqual(['at once']);
    await NativeModelSession.load(path, 1, { ...choice, preparedFolder });
    expect(statSync(join(preparedFolder, 'model.onnx')).ino).toBe(written.ino);
  });

  it('is loaded as it is where nothing can be written, or what was written cannot be read', async () => {
    const file = preparedFolderOf('no folder');
    writeFileSync(file, '');
    const broken = preparedFolderOf('broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'model.onnx'), 'no model');
    for (const preparedFolder of [join(file, 'below'), broken]) {
      const session = await NativeModelSession.load(path, 1, { ...choice, preparedFolder });
      expect((await session.run([pixels], ['label']))[0]?.shape).toEqual([500]);
    }
  });
});

describe('describeNativeRuntime', () => {
  it('says what can be used, and why not what cannot', () => {
    const { version, providers, devices } = describeNativeRuntime(choice.libraryPath);
    expect(version).toMatch(/^1\.\d+\.\d+$/);
    expect(providers.find(({ name }) => name === 'cpu')).toEqual({ name: 'cpu' });
    // This library is for the processor alone, whatever it says that it was built with.
    for (const { name, problem } of providers) if (name !== 'cpu') expect(problem).toMatch(/cannot be used/);
    expect(devices).toContainEqual(expect.objectContaining({ provider: 'cpu', kind: 'cpu' }));
  });
});

function preparedFolderOf(name: string): string {
  return join(prepared, basename(name));
}

function floats(data: Uint8Array = new Uint8Array(0)): Float32Array {
  return new Float32Array(Uint8Array.from(data).buffer);
}
