/** The program of a worker thread: loads one plugin and hands it its calls. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { isRefusal, messageOf } from './plugin-error.ts';
import { raiseFence } from './plugin-fence.ts';
import { fromPluginTensors, toPluginTensor } from './plugin-tensors.ts';
import type { FromWorker, SentTensor, ToWorker, WorkerStart } from './worker-message.ts';

interface PluginModule {
  readonly init?: (config: unknown, host: { readonly name: string; readonly version: string }) => unknown;
  readonly execute: (call: unknown) => unknown;
  readonly shutdown?: () => unknown;
}

const port = parentPort as MessagePort;
// A plugin that replaces these on their prototypes changes nothing for the host.
const post = port.postMessage.bind(port);

function tell(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  post(message, [...transfer]);
}

async function load(start: WorkerStart): Promise<PluginModule> {
  const { folder, entry, grants, name, version, config } = start;
  raiseFence(folder, grants);
  const module = (await import(pathToFileURL(join(folder, entry)).href)) as Partial<PluginModule>;
  if (typeof module.execute !== 'function') throw new Error(`${entry} exports no function execute`);
  await module.init?.(config, { name, version });
  return module as PluginModule;
}

async function execute({ execute }: PluginModule, call: unknown): Promise<void> {
  const { tensors, ...rest } = call as { readonly tensors?: readonly SentTensor[] };
  try {
    if (tensors === undefined) {
      tell({ kind: 'value', value: await execute(rest) });
      return;
    }
    const sent = fromPluginTensors(await execute({ ...rest, tensors: tensors.map(toPluginTensor) }));
    tell(
      { kind: 'value', value: sent },
      sent.map(({ data }) => data),
    );
  } catch (error) {
    tell({ kind: isRefusal(error) ? 'refused' : 'threw', message: messageOf(error) });
  }
}

async function shutDown({ shutdown }: Partial<PluginModule>): Promise<void> {
  try {
    await shutdown?.();
  } catch (error) {
    process.stderr.write(`shutdown threw: ${messageOf(error)}\n`);
  }
  tell({ kind: 'ended' });
  port.close();
}

try {
  const module = await load(workerData as WorkerStart);
  port.on('message', (message: ToWorker) => {
    void (message.kind === 'execute' ? execute(module, message.call) : shutDown(module));
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'unusable', message: messageOf(error) });
}
