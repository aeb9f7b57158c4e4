import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FormatInspector } from '#adapters/model-format-onnx';
import { isDomainError } from '#domain/errors';
import { seededRandom } from './seeded-random.ts';

const FILES = Number(process.env['SLIPWAY_FUZZ_FILES'] ?? 10_000);
const MAX_INSPECTION_MS = 1000;
const MAX_GROWTH_MIB = 200;

const originals = [1, 2, 3].map((version) =>
  readFileSync(join(import.meta.dirname, `../models/digits/digits-${version}.onnx`)),
);
const { random, count, pick } = seededRandom(19_720);

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];

/** Graphs inside attributes of nodes, as deep as wanted, declared one level larger than they are or exactly. */
function nested(depth: number): Buffer {
  let graph = Buffer.alloc(0);
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([...varint(BigInt(number * 8 + 2)), ...varint(BigInt(bytes.length))]), bytes]);
  for (let level = 0; level < depth; level += 1) graph = field(1, field(5, field(6, graph)));
  return Buffer.concat([Buffer.from([8, 8]), field(8, Buffer.from([16, 17])), field(7, graph)]);
}

/** Replaces some length or number by a huge one. */
function oversized(bytes: Buffer): Buffer {
  const at = count(bytes.length);
  const huge = varint(pick([2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, BigInt(bytes.length)]));
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(huge), bytes.subarray(at + 1)]);
}

function mutant(): Buffer {
  const original = pick(originals);
  const kind = count(6);
  if (kind === 0) return Buffer.from(original.subarray(0, count(original.length)));
  if (kind === 1) return nested(count(5000));
  if (kind === 2) return Buffer.concat([original.subarray(count(500)), pick(originals)]);
  let bytes: Buffer = Buffer.from(original);
  for (let edits = count(20); edits >= 0; edits -= 1) {
    if (kind === 3) bytes = oversized(bytes);
    else {
      // Most of a model is weights, which nobody looks at: the edits go where the structure is.
      const at = random() < 0.8 ? count(Math.min(600, bytes.length)) : count(bytes.length);
      bytes[at] = kind === 4 ? (bytes[at] ?? 0) ^ (1 << count(8)) : count(256);
    }
  }
  return bytes;
}

it(`${FILES} mutated models: each is read or refused, quickly and in little memory`, async () => {
  const inspector = new FormatInspector();
  const outcomes = { read: 0, refused: 0 };
  let slowestMs = 0;
  let settled = 0;
  for (let file = 0; file < FILES; file += 1) {
    if (file === FILES / 2) settled = process.memoryUsage().rss;
    const bytes = mutant();
    const startedMs = performance.now();
    try {
      await inspector.inspect(
        'onnx',
        (async function* () {
          yield bytes;
        })(),
        bytes.byteLength,
      );
      outcomes.read += 1;
    } catch (error) {
      expect(isDomainError(error, 'MODEL_FILE_INVALID'), `file ${file}: ${String(error)}`).toBe(true);
      outcomes.refused += 1;
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  const growth = (process.memoryUsage().rss - settled) / 1024 ** 2;
  console.info(
    `${JSON.stringify(outcomes)}, the slowest in ${slowestMs.toFixed(1)} ms, memory grew by ${growth.toFixed(0)} MiB in the second half`,
  );
  expect(outcomes.read).toBeGreaterThan(FILES / 50);
  expect(outcomes.refused).toBeGreaterThan(FILES / 10);
  expect(slowestMs).toBeLessThan(MAX_INSPECTION_MS);
  expect(growth).toBeLessThan(MAX_GROWTH_MIB);
});
