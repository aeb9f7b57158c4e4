import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { DeploymentRoute } from '#generated/slipway/control/v1/control';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { deploymentOf, storeModel, writeFaultModels } from './fault-models.ts';
import { RestCaller } from './rest-caller.ts';
import { ScriptedController } from './scripted-controller.ts';

/** What a deployment says beside its name and its version. */
export type DeploymentSettings = NonNullable<Parameters<typeof deploymentOf>[2]>;

/** A gateway with the fault models in its store, and a controller that says what the test wants. */
export interface ServingFixture {
  readonly gateway: GatewayProcess;
  readonly controller: ScriptedController;
  readonly caller: RestCaller;
  /** A deployment of a model by the name of its file, under a name of its own where one is given. */
  deployment(model: string, settings?: DeploymentSettings & { readonly as?: string }): Promise<DeploymentRoute>;
  stop(): Promise<void>;
}

export async function startServing(
  environment: Readonly<Record<string, string>> = {},
  openFiles?: number,
): Promise<ServingFixture> {
  const models = await writeFaultModels();
  const storeDir = mkdtempSync(join(tmpdir(), 'slipway-serving-'));
  const store = await FsObjectStore.open(storeDir);
  const controller = await ScriptedController.start();
  const gateway = await GatewayProcess.start({
    environment: { SLIPWAY_STORE_DIR: storeDir, SLIPWAY_CONTROLLER_GRPC: controller.address, ...environment },
    ...(openFiles === undefined ? {} : { openFiles }),
  });
  const caller = new RestCaller(gateway.url);
  return {
    gateway,
    controller,
    caller,
    deployment: async (model, { as = model, ...settings } = {}) =>
      deploymentOf(as, await storeModel(store, join(models.folder, `${model}.onnx`)), settings),
    stop: async () => {
      caller.close();
      await gateway.end('SIGKILL');
      controller.stop();
      models.remove();
      rmSync(storeDir, { recursive: true, force: true });
    },
  };
}
