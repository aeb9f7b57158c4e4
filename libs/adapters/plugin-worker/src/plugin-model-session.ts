import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DomainError } from '#domain/errors';
import { isDatatype, type ModelSignature, type Tensor, validateByteLength } from '#domain/inference';
import { isRefusal, messageOf } from './plugin-error.ts';
import { raiseFence } from './plugin-fence.ts';
import { fromPluginTensors, toPluginTensor } from './plugin-tensors.ts';
import type { SentTensor, WorkerStart } from './worker-message.ts';

interface RuntimeModule {
  readonly init?: (config: unknown, host: { readonly name: string; readonly version: string }) => unknown;
  readonly load: (model: PluginModel) => unknown;
  readonly execute: (call: PluginRun) => unknown;
  readonly shutdown?: () => unknown;
}

/** A version, as a plugin is given it to load. */
interface PluginModel {
  readonly format: string;
  readonly target: string;
  readonly precision: string;
  readonly inputs: ModelSignature['inputs'];
  readonly outputs: ModelSignature['outputs'];
  /** The first one is the one that is opened. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly read: (path?: string) => Uint8Array;
}

interface PluginRun {
  readonly tensors: readonly object[];
  readonly outputNames: readonly string[];
  readonly limitMs: number | undefined;
}

/** What a plugin of kind `runtime` is given to load. */
export interface PluginModelFiles {
  /** Where the first file is, under whichever name; several lie around each other by their own paths. */
  readonly modelPath: string;
  readonly signature: ModelSignature;
  readonly variant: {
    readonly format: string;
    readonly target: string;
    readonly precision: string;
    readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  };
}

/**
 * A model in a plugin of kind `runtime`, on the thread that loads it: use it only in a process that ends with it, and where nothing else has to
 * be answered.
 */
export class PluginModelSession {
  readonly #plugin: RuntimeModule;
  readonly #label: string;

  private constructor(plugin: RuntimeModule, label: string) {
    this.#plugin = plugin;
    this.#label = label;
  }

  /**
   * Loads the plugin, and a version into it. Afterwards nothing that is not in the plugin's folder can be loaded in this process.
   *
   * @throws MODEL_LOAD_FAILED with what the plugin threw, or what it lacks.
   */
  static async load(start: WorkerStart, files: PluginModelFiles): Promise<PluginModelSession> {
    const { folder, entry, grants, name, version, config } = start;
    const label = `plugin ${name} ${version}`;
    try {
      raiseFence(folder, grants);
      const module = (await import(pathToFileURL(join(folder, entry)).href)) as Partial<RuntimeModule>;
      for (const needed of ['load', 'execute'] as const) {
        if (typeof module[needed] !== 'function') throw new Error(`${entry} exports no function ${needed}`);
      }
      await module.init?.(config, { name, version });
      await module.load?.(modelOf(files));
      return new PluginModelSession(module as RuntimeModule, label);
    } catch (error) {
      throw new DomainError('MODEL_LOAD_FAILED', `${label}: ${messageOf(error)}`);
    }
  }

  /**
   * Computes the named outputs, in the order asked for. Inputs are copied, so that the plugin may keep and change them.
   *
   * @throws INPUT_INVALID when the plugin says that the inputs are wrong; MODEL_RUN_FAILED when it threw, or gave what it must not.
   */
  async run(inputs: readonly Tensor[], outputNames: readonly string[], limitMs?: number): Promise<Tensor[]> {
    const tensors = inputs.map(({ name, datatype, shape, data }) =>
      toPluginTensor({ name, datatype, shape, data: new Uint8Array(data).buffer }),
    );
    let sent: readonly SentTensor[];
    try {
      sent = fromPluginTensors(await this.#plugin.execute({ tensors, outputNames, limitMs }));
    } catch (error) {
      if (isRefusal(error)) throw new DomainError('INPUT_INVALID', messageOf(error));
      throw this.#failed(messageOf(error));
    }
    return outputNames.map((name) => {
      const output = sent.find((tensor) => tensor.name === name);
      if (output === undefined) throw this.#failed(`execute gave no output ${name}`);
      return this.#tensorOf(output);
    });
  }

  /** What it holds goes with the process. */
  async release(): Promise<void> {}

  /** Has the plugin shut down. What it throws is printed. */
  async shutDown(): Promise<void> {
    try {
      await this.#plugin.shutdown?.();
    } catch (error) {
      process.stderr.write(`shutdown threw: ${messageOf(error)}\n`);
    }
  }

  #tensorOf({ name, datatype, shape, data }: SentTensor): Tensor {
    if (!isDatatype(datatype)) throw this.#failed(`execute gave ${name} the datatype ${datatype}`);
    const tensor: Tensor = { name, datatype, shape, data: new Uint8Array(data) };
    try {
      validateByteLength(tensor, name);
    } catch (error) {
      throw this.#failed(`execute gave a tensor that is none: ${(error as Error).message}`);
    }
    return tensor;
  }

  #failed(message: string): DomainError {
    return new DomainError('MODEL_RUN_FAILED', `${this.#label}: ${message}`);
  }
}

function modelOf({ modelPath, signature, variant }: PluginModelFiles): PluginModel {
  const { format, target, precision } = variant;
  const files = variant.files.map(({ path, sizeBytes }) => ({ path, sizeBytes }));
  const opened = files[0]?.path ?? '';
  const placeOf = (path: string) =>
    path === opened ? modelPath : join(modelPath.slice(0, modelPath.length - opened.length), path);
  const read = (path = opened) => {
    if (!files.some((file) => file.path === path)) throw new Error(`the version has no file ${path}`);
    return new Uint8Array(readFileSync(placeOf(path)));
  };
  return { format, target, precision, inputs: signature.inputs, outputs: signature.outputs, files, read };
}
