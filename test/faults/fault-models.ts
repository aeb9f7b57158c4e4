import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatInspector } from '#adapters/model-format-onnx';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { Digest } from '#domain/registry';
import { DeploymentRoute, ServedVersion } from '#generated/slipway/control/v1/control';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const writers = ['write_identity_models.py', 'write_fault_models.py'];

/** ONNX files in a folder of a test's own, written by test/models/*.py. */
export interface FaultModels {
  readonly folder: string;
  remove(): void;
}

/** Writes the models that take a gateway to its limits, and those that give back what they get. */
export async function writeFaultModels(): Promise<FaultModels> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-models-'));
  const python = await installInteropPython();
  for (const writer of writers) await runCommand(python, [join(import.meta.dirname, '../models', writer), folder]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Puts a model file into a store and describes it as a controller does. */
export async function storeModel(store: ObjectStore, file: string, version = 1): Promise<ServedVersion> {
  const bytes = readFileSync(file);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  await store.put(objectKeys.blob(digest), bytes);
  const { signature } = await new FormatInspector().inspect('onnx', once(bytes), bytes.byteLength);
  const specs = (tensors: readonly { name: string; datatype: string; shape: readonly number[] }[]) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) }));
  const stored = { path: 'model.onnx', digest, sizeBytes: BigInt(bytes.byteLength) };
  return ServedVersion.fromPartial({
    modelNamespace: 'default',
    model: 'model',
    version,
    build: `model@${version}`,
    inputs: specs(signature.inputs),
    outputs: specs(signature.outputs),
    variants: [{ target: 'cpu', precision: 'fp32', format: 'onnx', files: [stored] }],
  });
}

/** A deployment with one version, and what a manifest's defaults say of the rest. */
export function deploymentOf(
  name: string,
  stable: ServedVersion,
  over: Parameters<typeof DeploymentRoute.fromPartial>[0] = {},
): DeploymentRoute {
  const defaults = { namespace: 'default', fallbackToStable: true, deadlineMs: 10_000, maxConcurrency: 256 };
  return DeploymentRoute.fromPartial({ ...defaults, name, stable, ...over });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
