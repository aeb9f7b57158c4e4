/**
 * Sessions of one model in a process of its own, and the memory that they take.
 *
 *     node --expose-gc sessions.ts <model file> <sessions> <folder for the model as ONNX Runtime wants it> → a SessionsMemory as JSON
 *
 * It counts a page that is mapped several times once, as runners that share it do (Linux: the proportional set size).
 */
import { readFileSync } from 'node:fs';
import { bundledLibrary, NativeModelSession } from '#adapters/runtime-native';
import { sampleInputs } from '#domain/inference';
import { signatureOf } from './model-signature.ts';

/** What sessions take, in MiB of the whole process. */
export interface SessionsMemory {
  /** With one session, which has run. */
  readonly oneMib: number;
  /** With all of them, each of which has run. */
  readonly allMib: number;
  /** What the runs of all but the first have left behind: activations are no weights. */
  readonly activationsMib: number;
}

const [, , file = '', count = '20', preparedFolder = ''] = process.argv;
const signature = await signatureOf(file);
const inputs = sampleInputs(signature, { rows: 1, freeAxis: 1, isZero: false });
const outputNames = signature.outputs.map(({ name }) => name);
const sessions: NativeModelSession[] = [];

await addSession();
const oneMib = memoryMib('Pss');
let activationsMib = 0;
while (sessions.length < Number(count)) activationsMib += await addSession();
const memory: SessionsMemory = { oneMib, allMib: memoryMib('Pss'), activationsMib };
console.log(JSON.stringify(memory));

/** @returns what its first run has left behind. */
async function addSession(): Promise<number> {
  const choice = { libraryPath: bundledLibrary(), provider: 'cpu', preparedFolder };
  const session = await NativeModelSession.load(file, 1, choice);
  sessions.push(session);
  const loadedMib = memoryMib('Pss_Anon');
  await session.run(inputs, outputNames);
  return memoryMib('Pss_Anon') - loadedMib;
}

function memoryMib(line: string): number {
  globalThis.gc?.();
  const kib = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1];
  return Number(kib) / 1024;
}
