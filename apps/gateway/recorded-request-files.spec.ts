import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { RecordedRequestFiles } from './recorded-request-files.ts';

const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};
const bodyOf = (input: object) =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], ...input }] });

/** Lays files out as the cache does, a model among them, and reads what was recorded. */
async function read(contents: Record<string, string>, model = 'model.onnx') {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  const texts = { [model]: 'weights', ...contents };
  const files = Object.entries(texts).map(([path, text]) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
    return { path, digest: `sha256:${'0'.repeat(64)}` as Digest, sizeBytes: text.length };
  });
  return new RecordedRequestFiles().read(join(folder, model), files, signature);
}

describe('RecordedRequestFiles', () => {
  it('reads requests of the protocol, in the order of their names', async () => {
    const requests = await read(
      { 'm/warmup/2.json': bodyOf({ data: [3, 4] }), 'm/warmup/1.json': bodyOf({ data: [1, 2] }) },
      'm/model.onnx',
    );
    expect(requests).toMatchObject([
      { file: 'm/warmup/1.json', inputs: [{ name: 'x', shape: [1, 2] }], outputNames: ['y'] },
      { file: 'm/warmup/2.json' },
    ]);
    expect([...new Float32Array(Uint8Array.from(requests[0]?.inputs[0]?.data ?? []).buffer)]).toEqual([1, 2]);
  });

  it.each([
    ['is no JSON', '{', /the body is not JSON/],
    ['has another shape', bodyOf({ shape: [1, 3], data: [1, 2, 3] }), /must have shape \[-1,2\]/],
    ['has too few elements', bodyOf({ data: [1] }), /needs 2 elements, got 1/],
    [
      'asks for an output that is not there',
      `${bodyOf({ data: [1, 2] }).slice(0, -1)},"outputs":[{"name":"q"}]}`,
      /no output "q"/,
    ],
    ['is too large', ' '.repeat(16 * 1024 * 1024 + 1), /16777216 are allowed/],
  ])('names the file that %s', async (_, text, reason) => {
    const reading = read({ 'warmup/one.json': text });
    await expect(reading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await expect(reading).rejects.toThrow(/^the recorded request warmup\/one\.json cannot be used: /);
    await expect(reading).rejects.toThrow(reason);
  });
});
