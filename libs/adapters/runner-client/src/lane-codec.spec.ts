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

  it('leaves outputs that were written into its room where they are, and puts others behind them', () => {
    const memory = SharedMemory.create(1);
    const [ours, theirs] = [memory.lane(0), SharedMemory.open(memory.fd).lane(0)];
    const input = { ...tensorOf('a', new Uint8Array(100_000).fill(7)), pieces: [new Uint8Array(100_000).fill(7)] };
    writeRun(ours, signature, { inputs: [input], outputNames: ['a', 'b', 'c'] }, 1000);
    const { inputs, room } = readRun(theirs, names, names);
    // More than is mapped by now: the room grows.
    const placed = [room.take(300_000), room.take(5)] as [Uint8Array, Uint8Array];
    const offsets = placed.map((data) => room.offsetOf(data));
    placed[0].fill(1);
    placed[1].fill(2);
    expect(inputs[0]?.data).toEqual(new Uint8Array(100_000).fill(7));
    const other = new Uint8Array(70_000).fill(3);
    writeAnswer(theirs, [tensorOf('a', placed[0]), tensorOf('b', other), tensorOf('c', placed[1])], 1, room);
    const inLane = ours.bytes(2 ** 20);
    for (const [index, offset = 0] of offsets.entries())
      expect(inLane.subarray(offset, offset + 5)).toEqual(new Uint8Array(5).fill(index + 1));
    const { outputs } = readAnswer(ours, ['a', 'b', 'c']);
    expect(outputs.map(({ data }) => [data.byteLength, data.at(0), data.at(-1)])).toEqual([
      [300_000, 1, 1],
      [70_000, 3, 3],
      [5, 2, 2],
    ]);
    // The bytes used are the run's, the places' and one copy: the placed outputs have none.
    expect(ours.words()[0]).toBeLessThan(100_000 + 300_000 + 70_000 + 4000);
    memory.close();
  });

  it('has no room for more than it can hold, and none that the answer would not be told of', () => {
    const memory = SharedMemory.create(1);
    const lane = memory.lane(0);
    writeRun(lane, signature, { inputs: [], outputNames: ['a'] }, 1000);
    const { room } = readRun(lane, names, names);
    expect(room.take(2 ** 32)).toBeUndefined();
    expect(room.offsetOf(new Uint8Array(5))).toBeUndefined();
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
