import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Frame, FrameReader, headersOf, writeFrame } from './frame.ts';

const tensor = fc
  .uint8Array({ maxLength: 100 })
  .map((data) => ({ name: 't', datatype: 'UINT8' as const, shape: [data.length], data }));

it('reads what was written, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(tensor, { maxLength: 3 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (frames, cut) => {
        const written: Uint8Array[] = [];
        frames.forEach((tensors, id) => {
          writeFrame((bytes) => written.push(bytes), id, { kind: 'result', tensors: headersOf(tensors) }, tensors);
        });
        const stream = Buffer.concat(written);
        const read: Frame[] = [];
        const reader = new FrameReader((frame) => read.push(frame));
        for (let at = 0; at < stream.length; at += cut) reader.push(stream.subarray(at, at + cut));
        expect(read.map((frame) => frame.id)).toEqual(frames.map((_, id) => id));
        expect(read.map((frame) => frame.tensors.map((item) => [...item.data]))).toEqual(
          frames.map((tensors) => tensors.map((item) => [...item.data])),
        );
      },
    ),
  );
});
