import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledLibrary, NativeModelSession } from '#adapters/runtime-native';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import type { Datatype, Tensor } from '#domain/inference';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const writers = ['write_identity_models.py', 'write_fault_models.py'];
const folder = mkdtempSync(join(tmpdir(), 'native-models-'));
const choice = { libraryPath: bundledLibrary(), provider: 'cpu' };
const FOR_EVER = 2n ** 62n;
const MIB = 1024 * 1024;
/** Of what is measured, on a machine that does other things, too. */
const SLACK_MS = 5000;

beforeAll(async () => {
  const python = await installInteropPython();
  for (const writer of writers) await runCommand(python, [join(import.meta.dirname, '../models', writer), folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const native = (model: string) => NativeModelSession.load(join(folder, `${model}.onnx`), 1, choice);
const other = (model: string) => OnnxModelSession.load(join(folder, `${model}.onnx`), 1);
const integer = (name: string, value: bigint): Tensor => ({
  name,
  datatype: 'INT64',
  shape: [1],
  data: new Uint8Array(BigInt64Array.from([value]).buffer),
});

/** Two rows of three elements: for strings empty, of several bytes a letter, and with a zero byte; else all bytes that a type can have. */
function given(datatype: Datatype): Tensor {
  const shape = [2, 3];
  const text = (word: string) => {
    const bytes = Buffer.from(word);
    return Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
  };
  if (datatype === 'BYTES')
    return { name: 'given', datatype, shape, data: Buffer.concat(['', 'å', 'two words', '日本', '{}', 'z'].map(text)) };
  const sizes: Partial<Record<Datatype, number>> = { FP64: 8, INT64: 8, UINT64: 8, FP32: 4, INT32: 4, UINT32: 4 };
  const size = sizes[datatype] ?? (/16$/.test(datatype) ? 2 : 1);
  const data = Uint8Array.from({ length: 6 * size }, (_, index) =>
    datatype === 'BOOL' ? index % 2 : (index * 37) % 120,
  );
  return { name: 'given', datatype, shape, data };
}

describe('the native runtime beside onnxruntime-node', () => {
  const datatypes = [
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP16',
    'FP32',
    'FP64',
    'BYTES',
  ];

  it.each(datatypes as Datatype[])('gives %s back as the other does', async (datatype) => {
    const model = `identity-${datatype.toLowerCase()}`;
    const [ours] = await (await native(model)).run([given(datatype)], ['same']);
    const [theirs] = await (await other(model)).run([given(datatype)], ['same']);
    expect(ours).toEqual({ ...theirs, data: Uint8Array.from(theirs?.data ?? []) });
    expect(Uint8Array.from(ours?.data ?? [])).toEqual(Uint8Array.from(given(datatype).data));
  });

  it('has every model that the other has', () => {
    const models = readdirSync(folder).filter((file) => /^identity-.*\.onnx$/.test(file));
    expect(models.map((file) => basename(file, '.onnx').slice(9).toUpperCase()).sort()).toEqual(
      [...datatypes, 'BF16'].sort(),
    );
  });

  it('carries what the other cannot: BF16, and strings with a zero byte', async () => {
    const [same] = await (await native('identity-bf16')).run([given('BF16')], ['same']);
    expect(same).toEqual({ ...given('BF16'), name: 'same' });
    const zero = {
      name: 'given',
      datatype: 'BYTES' as const,
      shape: [1, 1],
      data: Uint8Array.of(3, 0, 0, 0, 97, 0, 98),
    };
    const [text] = await (await native('identity-bytes')).run([zero], ['same']);
    expect(text?.data).toEqual(zero.data);
  });
});

describe('a run that nobody waits for', () => {
  it('ends at its limit, and its session runs on', async () => {
    const session = await native('loop');
    const beganMs = performance.now();
    await expect(session.run([integer('trips', FOR_EVER)], ['count'], 300)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the model did not answer within 300 ms',
    });
    const tookMs = performance.now() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(300);
    expect(tookMs).toBeLessThan(300 + SLACK_MS);
    const [count] = await session.run([integer('trips', 7n)], ['count'], 60_000);
    expect(count?.data).toEqual(integer('', 7n).data);
  });

  it('ends when it is cancelled, as do those that wait behind it, and the loop is free meanwhile', async () => {
    const session = await native('loop');
    const controller = new AbortController();
    const endless = () => session.runAside([integer('trips', FOR_EVER)], ['count'], { signal: controller.signal });
    const outcomes = Promise.allSettled([endless(), endless(), session.runAside([integer('trips', 5n)], ['count'])]);
    let turns = 0;
    const beat = setInterval(() => (turns += 1), 10);
    await expect.poll(() => turns, { timeout: 60_000 }).toBeGreaterThan(10);
    clearInterval(beat);
    controller.abort();
    const [first, second, third] = await outcomes;
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'DEADLINE_EXCEEDED' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'DEADLINE_EXCEEDED' } });
    expect(third).toMatchObject({ status: 'fulfilled', value: [{ data: integer('', 5n).data }] });
  });

  it('does not begin when it was cancelled before', async () => {
    const session = await native('loop');
    const run = session.runAside([integer('trips', FOR_EVER)], ['count'], { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

describe('a model that asks for much', () => {
  it.each([2n ** 40n, 2n ** 62n])('fails for %s elements, and runs on', async (elements) => {
    const session = await native('balloon');
    await expect(session.run([integer('elements', elements)], ['sum'])).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
    });
    const [sum] = await session.run([integer('elements', 10n)], ['sum']);
    expect(sum).toMatchObject({ shape: [], data: new Uint8Array(Float32Array.of(10).buffer) });
  });

  const row: Tensor = { name: 'given', datatype: 'FP32', shape: [1, 512], data: new Uint8Array(2048).fill(1) };
  it.each([
    // A runner's loop never turns.
    ['on the calling thread, whose loop does not turn', (session: NativeModelSession) => session.run([row], ['many'])],
    ["on the session's own thread", (session: NativeModelSession) => session.runAside([row], ['many'])],
  ])('leaves nothing behind: answers of 8 MiB, two hundred of them, %s', async (_, run) => {
    const session = await native('tile');
    let most = 0;
    const before = residentMib();
    for (let count = 0; count < 200; count += 1) {
      const [many] = await run(session);
      expect(many?.data.byteLength).toBe(8 * MIB);
      most = Math.max(most, residentMib() - before);
    }
    // Had they stayed, it were 1600 MiB more.
    expect(most).toBeLessThan(500);
  });

  it('leaves nothing behind: sessions that come and go, runs that fail and that are cut off', async () => {
    const comeAndGo = async () => {
      const session = await native('loop');
      await session.run([integer('trips', 3n)], ['count'], 60_000);
      await expect(session.run([integer('trips', FOR_EVER)], ['count'], 1)).rejects.toThrow();
      await expect(session.run([integer('no', 3n)], ['count'])).rejects.toThrow();
      await session.runAside([integer('trips', 3n)], ['count']);
      await session.release();
    };
    const threads = () => readdirSync('/proc/self/task').length;
    await comeAndGo();
    const [before, threadsBefore] = [residentMib(), threads()];
    for (let count = 0; count < 100; count += 1) await comeAndGo();
    expect(residentMib() - before).toBeLessThan(60);
    await expect.poll(threads, { timeout: 60_000 }).toBeLessThanOrEqual(threadsBefore + 2);
  });
});

function residentMib(): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib) / 1024;
}
