import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';

/** A model in a runtime. */
export interface RuntimeSession {
  run(inputs: readonly Tensor[], outputNames: readonly string[]): Promise<Tensor[]>;
  release(): Promise<void>;
}

const models = join(import.meta.dirname, '../../../test/models/digits');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][]; labels: number[] };

/**
 * What a runtime that runs ONNX models on the processor owes its callers.
 *
 * @param load with one thread for a run.
 */
export function runtimeContract(name: string, load: (path: string) => Promise<RuntimeSession>): void {
  const loadDigits = (file: string) => load(join(models, file));

  describe(name, () => {
    it('classifies held-out digits as well as its metadata says', async () => {
      const session = await loadDigits('digits-2.onnx');
      const [label] = await session.run([digits(held.pixels)], ['label']);
      expect(label).toMatchObject({ name: 'label', datatype: 'INT64', shape: [500] });
      const correct = labelsIn(label?.data).filter((digit, index) => digit === held.labels[index]).length;
      const { metrics } = JSON.parse(readFileSync(join(models, 'metadata-2.json'), 'utf8')) as {
        metrics: { accuracy: number };
      };
      expect(correct / 500).toBeCloseTo(metrics.accuracy, 3);
    });

    it('gives the same answer for bytes that are not aligned', async () => {
      const session = await loadDigits('digits-1.onnx');
      const rows = held.pixels.slice(0, 3);
      const [aligned] = await session.run([digits(rows)], ['probabilities']);
      const [misaligned] = await session.run([digits(rows, 3)], ['probabilities']);
      expect(misaligned?.data).toEqual(aligned?.data);
    });

    it('answers outputs in the order asked for, and no others', async () => {
      const session = await loadDigits('digits-2.onnx');
      const outputs = await session.run([digits(held.pixels.slice(0, 2))], ['probabilities', 'label']);
      expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
        ['probabilities', [2, 10]],
        ['label', [2]],
      ]);
    });

    it('answers no row for no row', async () => {
      const session = await loadDigits('digits-2.onnx');
      const [probabilities] = await session.run([digits([])], ['probabilities']);
      expect(probabilities).toMatchObject({ shape: [0, 10], data: new Uint8Array(0) });
    });

    it('leaves an answer as it is when it computes another, and when the model goes', async () => {
      const session = await loadDigits('digits-2.onnx');
      const [first] = await session.run([digits(held.pixels)], ['probabilities']);
      const copy = Uint8Array.from(first?.data ?? []);
      expect(copy.some((byte) => byte !== 0)).toBe(true);
      await session.run([digits(held.pixels.toReversed())], ['probabilities']);
      await session.release();
      expect(first?.data).toEqual(copy);
    });

    it("passes the runtime's own text on when a run fails, without its builder's paths", async () => {
      const session = await loadDigits('digits-3.onnx');
      const dense = [new Array<number>(64).fill(16)];
      await expect(session.run([digits(dense)], ['label'])).rejects.toMatchObject({
        code: 'MODEL_RUN_FAILED',
        message: expect.stringMatching(/Gather.*indices element out of data bounds/),
      });
      await expect(session.run([digits(dense)], ['label'])).rejects.not.toThrow(/\.cc/);
    });

    it('runs on after a run that failed', async () => {
      const session = await loadDigits('digits-3.onnx');
      await expect(session.run([digits([new Array<number>(64).fill(16)])], ['label'])).rejects.toThrow();
      const [label] = await session.run([digits([new Array<number>(64).fill(0)])], ['label']);
      expect(label?.shape).toEqual([1]);
    });

    it('says why a file cannot be loaded', async () => {
      await expect(loadDigits('README.md')).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
      await expect(loadDigits('no-such-file.onnx')).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    });
  });
}

function digits(rows: readonly (readonly number[])[], misalignedBy = 0): Tensor {
  const bytes = new Uint8Array(rows.length * 64 * 4 + misalignedBy).subarray(misalignedBy);
  bytes.set(new Uint8Array(Float32Array.from(rows.flat()).buffer));
  return { name: 'pixels', datatype: 'FP32', shape: [rows.length, 64], data: bytes };
}

function labelsIn(data: Uint8Array = new Uint8Array(0)): number[] {
  return [...new BigInt64Array(Uint8Array.from(data).buffer)].map(Number);
}
