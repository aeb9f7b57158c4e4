import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxModelSession } from './onnx-model-session.ts';

const models = join(import.meta.dirname, '../../../../test/models/digits');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][]; labels: number[] };

const pixelsOf = (rows: number[][], misalignedBy = 0) => {
  const bytes = new Uint8Array(rows.length * 64 * 4 + misalignedBy).subarray(misalignedBy);
  bytes.set(new Uint8Array(Float32Array.from(rows.flat()).buffer));
  return { name: 'pixels', datatype: 'FP32' as const, shape: [rows.length, 64], data: bytes };
};
const labelsOf = (data: Uint8Array) => [...new BigInt64Array(data.slice().buffer)].map(Number);

describe('OnnxModelSession', () => {
  it('classifies held-out digits as well as its metadata says', async () => {
    const session = await OnnxModelSession.load(join(models, 'digits-2.onnx'), 1);
    const [label] = await session.run([pixelsOf(held.pixels)], ['label']);
    expect(label).toMatchObject({ name: 'label', datatype: 'INT64', shape: [500] });
    const correct = labelsOf(label!.data).filter((digit, index) => digit === held.labels[index]).length;
    const { metrics } = JSON.parse(readFileSync(join(models, 'metadata-2.json'), 'utf8')) as {
      metrics: { accuracy: number };
    };
    expect(correct / 500).toBeCloseTo(metrics.accuracy, 3);
  });

  it('gives the same answer for bytes that are not aligned', async () => {
    const session = await OnnxModelSession.load(join(models, 'digits-1.onnx'), 1);
    const rows = held.pixels.slice(0, 3);
    const [aligned] = await session.run([pixelsOf(rows)], ['probabilities']);
    const [misaligned] = await session.run([pixelsOf(rows, 3)], ['probabilities']);
    expect(misaligned!.data).toEqual(aligned!.data);
  });

  it("passes the runtime's own text on when a run fails, without its builder's paths", async () => {
    const session = await OnnxModelSession.load(join(models, 'digits-3.onnx'), 1);
    const dense = [new Array<number>(64).fill(16)];
    await expect(session.run([pixelsOf(dense)], ['label'])).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: expect.stringMatching(/Gather.*indices element out of data bounds/),
    });
    await expect(session.run([pixelsOf(dense)], ['label'])).rejects.not.toThrow(/\.cc/);
  });

  it('says why a file cannot be loaded', async () => {
    await expect(OnnxModelSession.load(join(models, 'README.md'), 1)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
    });
  });
});
