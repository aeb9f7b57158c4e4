import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../servers/cache-directory.ts';
import { installIntoVenv } from '../../servers/python.ts';
import { runCommand } from '../../servers/run-command.ts';
import { progress } from '../progress.ts';

const writer = join(import.meta.dirname, '../../models/write_bench_models.py');
/** The runtime that the peers have, too: the version of Slipway's own. */
export const ONNXRUNTIME = 'onnxruntime==1.30.0';
export const NUMPY = 'numpy==2.4.6';

export type BenchModelName = 'simple' | 'mlp-4' | 'mlp-784' | 'resnet50' | 'bert-base';

/** Path of a Python with ONNX and the runtime, installed on first use. */
export async function installModelPython(): Promise<string> {
  return join(await installIntoVenv('bench-models', ['onnx==1.23.2', ONNXRUNTIME, NUMPY]), 'bin/python');
}

/** The folder with the benchmarks' models, written on first use. */
export async function installBenchModels(): Promise<string> {
  const identity = createHash('sha256').update(readFileSync(writer)).digest('hex').slice(0, 16);
  const directory = cacheDirectory(`bench-models-files-${identity}`);
  const stamp = join(directory, '.written');
  if (!existsSync(stamp)) {
    progress('writing the models (once) …');
    await runCommand(await installModelPython(), [writer, directory]);
    writeFileSync(stamp, '');
  }
  return directory;
}
