/**
 * The same floor as peers/runtime_loop.py, in Node.js: ONNX Runtime in a bare loop, with one thread and nothing around it.
 *
 *     node runtime-loop.ts <model file> <rows per run> <seconds> <words of a text> → runs/s
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [file = '', rows = '1', seconds = '1', words = '1'] = process.argv.slice(2);
const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const sizes: Readonly<Record<string, number>> = { batch: Number(rows), seq: Number(words) };
const feed = Object.fromEntries(
  session.inputMetadata.map((metadata) => {
    if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor`);
    const shape = metadata.shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 1)));
    const length = shape.reduce((left, right) => left * right, 1);
    return [metadata.name, ones(metadata.type, length, shape)];
  }),
);
await runsPerSecond(Math.min(1, Number(seconds)));
console.log(await runsPerSecond(Number(seconds)));

function ones(type: string, length: number, shape: readonly number[]): Tensor {
  if (type === 'int64') return new Tensor('int64', new BigInt64Array(length).fill(1n), shape);
  if (type === 'int32') return new Tensor('int32', new Int32Array(length).fill(1), shape);
  return new Tensor('float32', new Float32Array(length).fill(1), shape);
}

async function runsPerSecond(limitSeconds: number): Promise<number> {
  const startedMs = performance.now();
  for (let runs = 0; ; runs += 1) {
    const tookSeconds = (performance.now() - startedMs) / 1000;
    if (tookSeconds >= limitSeconds) return runs / tookSeconds;
    await session.run(feed);
  }
}
