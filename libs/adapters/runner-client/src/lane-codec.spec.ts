import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import { readAnswer, readRun, writeAnswer, writeFailure, writeRun } from './lane-codec.ts';
import { SharedMemory } from './shared-memory.ts';

const names = ['a', 'b', 'c'];
const specs = names.map((name) => ({ name, datatype: 'UINT8' as const, shape: [-1] }));
const signature = { inputs: specs, outputs: specs };
const tensors = fc
  .uniqueArray(fc.constantFrom(...names), { maxLength: 3 })
  .chain((used) =>
    fc.tuple(...used.map((name) => fc.uint8Array({ maxLength: 200_000 }).map((data) => tensorOf(name, data)))),
  );

function tensorOf(name: string, data: Uint8Array): Tensor {
  return { name, datatype: 'UINT8', shape: [data.byteLength], data };
}

describe('a lane', () => {
  it('gives the other side what was written, on both ways', () => {
    const memory = SharedMemory.create(2);
    // A second mapping of the same memory stands for the other process.
    const [ours, theirs] = [memory.lane(1), SharedMemory.open(memory.fd).lane(1)];
    fc.assert(
      fc.property(tensors, fc.integer({ min: 1, max: 3 }), (inputs, cuts) => {
        const joined = inputs.map(({ data, ...rest }) => {
          const size = Math.ceil(data.byteLength / cuts);
          return {
            ...rest,
            pieces: Array.from({ length: cuts }, (_, cut) => data.subarray(cut * size, (cut + 1) * size)),
          };
        });
        writeRun(ours, signature, { inputs: joined, outputNames: ['b', 'a'] }, 1500.5);
        const received = readRun(theirs, names, names);
        expect([received.outputNames, received.limitMs]).toEqual([['b', 'a'], 1500.5]);
        expect(received.inputs.map(({ data, ...rest }) => ({ ...rest, data: Uint8Array.from(data) }))).toEqual(inputs);
        writeAnswer(theirs, inputs, 1.5);
        const wanted = inputs.map(({ name }) => name);
        expect(readAnswer(ours, wanted)).toEqual({ outputs: inputs, runMs: 1.5 });
      }),
      { numRuns: 50 },
    );
    memory.close();
  });

  it('carries failures with their code', () => {
    const memory = SharedMemory.create(1);
    writeFailure(memory.lane(0), 'UNSUPPORTED', 'no such thing – ÷');
    expect(() => readAnswer(memory.lane(0), ['a'])).toThrow('no such thing – ÷');
    writeFailure(memory.lane(0), 'NOT_A_CODE', 'x');
    expect(() => readAnswer(memory.lane(0), ['a'])).toThrow(expect.objectContaining({ code: 'MODEL_RUN_FAILED' }));
    memory.close();
  });

  it('takes nothing that a runner wrote on trust', () => {
    const memory = SharedMemory.create(1);
    const lane = memory.lane(0);
    const word = fc.oneof(fc.integer({ min: -2, max: 70 }), fc.double(), fc.constant(2 ** 40));
    fc.assert(
      fc.property(fc.array(word, { minLength: 3, maxLength: 20 }), (words) => {
        lane.words().fill(0, 0, 100);
        lane.words().set(words);
        try {
          for (const { data, shape } of readAnswer(lane, ['a', 'b']).outputs) {
            expect(data.byteLength).toBeLessThanOrEqual(2 ** 16);
            expect(shape.every((size) => Number.isSafeInteger(size) && size >= 0)).toBe(true);
          }
        } catch (error) {
          expect((error as Error).name).toBe('DomainError');
        }
      }),
      { numRuns: 2000 },
    );
    memory.close();
  });
});
