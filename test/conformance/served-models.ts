import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const writer = join(import.meta.dirname, '../models/write_identity_models.py');

/** A server with models that give back what they get, and Triton's `simple`. */
export interface ModelServer extends SlipwayServer {
  /** Ends it and removes what it kept. */
  remove(): Promise<void>;
}

/** Starts a server and deploys models of test/models/write_identity_models.py; waits until they answer. */
export async function serveModels(names: readonly string[]): Promise<ModelServer> {
  const stateDir = freshStateDirectory();
  const models = mkdtempSync(join(tmpdir(), 'slipway-models-'));
  await runCommand(await installInteropPython(), [writer, models]);
  const server = await startSlipwayServer(stateDir);
  for (const name of names) await serveModel(server, name, join(models, `${name}.onnx`));
  rmSync(models, { recursive: true });
  const remove = async () => {
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  return { ...server, remove };
}

async function serveModel(server: SlipwayServer, name: string, file: string): Promise<void> {
  const pushed = await runSlipway(server, ['model', 'push', name, file]);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
  const deployed = await runSlipway(server, ['deploy', `${name}@1`]);
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  const ready = async () => (await fetch(`${server.gateway}/v2/models/${name}/ready`)).status;
  await eventually(`${name} answers`, ready, (status) => status === 200);
}
