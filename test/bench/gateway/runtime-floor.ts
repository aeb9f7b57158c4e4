import { join } from 'node:path';
import { pinnedNode } from '../../../apps/cli/setup.mjs';
import { runCommand } from '../../servers/run-command.ts';
import { progress, short } from '../progress.ts';
import { installModelPython } from './bench-models.ts';
import { TEXT_LENGTH, type Workload } from './workload.ts';

/** ONNX Runtime in a bare loop on the servers' cores: in Python or in Node.js, whichever is faster. */
export class RuntimeFloor {
  readonly #command: readonly string[];
  readonly #cores: string;
  readonly #directory: string;

  private constructor(command: readonly string[], cores: string, directory: string) {
    this.#command = command;
    this.#cores = cores;
    this.#directory = directory;
  }

  /** Finds out which loop is faster for the workload. */
  static async find(workload: Workload, directory: string, cores: string, seconds: number): Promise<RuntimeFloor> {
    const python = [await installModelPython(), join(import.meta.dirname, '../peers/runtime_loop.py')];
    const node = [pinnedNode, join(import.meta.dirname, 'runtime-loop.ts')];
    const [inPython, inNode] = [python, node].map((command) => new RuntimeFloor(command, cores, directory));
    if (inPython === undefined || inNode === undefined) throw new Error('there are two loops');
    const [pythonSpeed, nodeSpeed] = [
      await inPython.measure(workload, seconds),
      await inNode.measure(workload, seconds),
    ];
    progress(
      `${workload.model} × ${workload.rows}: ${short(pythonSpeed)} runs/s in Python, ${short(nodeSpeed)} in Node.js`,
    );
    return pythonSpeed > nodeSpeed ? inPython : inNode;
  }

  /** @returns runs/s of as many rows as the workload's requests have. */
  async measure({ model, rows }: Workload, seconds: number): Promise<number> {
    const args = [join(this.#directory, `${model}.onnx`), String(rows), String(seconds), String(TEXT_LENGTH)];
    const output = await runCommand('taskset', ['--cpu-list', this.#cores, ...this.#command, ...args]);
    // Warnings of the runtime may stand before the figure.
    return Number(output.trim().split('\n').at(-1));
  }
}
