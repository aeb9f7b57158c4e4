import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FormatInspector } from '#adapters/model-format-onnx';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { BuildKey, DeploymentRoute, RoutedVersion } from '#application/rollout';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import type { ModelName, Namespace } from '#domain/registry';
import { WATCH_NOTHING } from '#domain/traffic';
import { digestOfBytes } from '#testing';

/** A request for the digit models. */
export const DIGITS_BODY = JSON.stringify({
  inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1) }],
});

/** A file of a model, by its path in the variant. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One of the digit models, made unlike every other file by a remark in it. */
export function digitsFile(number: 1 | 2 | 3, remark: string): StoredFile {
  const bytes = readFileSync(join(import.meta.dirname, `../models/digits/digits-${number}.onnx`));
  const text = Buffer.from(remark);
  // Field 6 of an ONNX ModelProto is its doc_string; a later one takes the place of an earlier one.
  return { path: 'model.onnx', bytes: Buffer.concat([bytes, Uint8Array.from([0x32, text.byteLength]), text]) };
}

/** Stores a version's files under their digests, and describes it as a controller does. */
export async function storeVersion(
  store: ObjectStore,
  version: number,
  files: readonly [StoredFile, ...StoredFile[]],
): Promise<RoutedVersion> {
  const described = files.map(({ path, bytes }) => ({
    path,
    digest: digestOfBytes(bytes),
    sizeBytes: bytes.byteLength,
  }));
  for (const { bytes } of files) await store.put(blobOf(bytes), bytes);
  const [first] = files;
  const { signature } = await new FormatInspector().inspect('onnx', chunksOf(first.bytes), first.bytes.byteLength);
  const [main, ...others] = described;
  if (main === undefined) throw new Error('a version has files');
  return {
    servable: {
      namespace: 'default' as Namespace,
      model: 'digits' as ModelName,
      version,
      signature,
      variants: [
        { target: 'cpu', precision: 'fp32', format: 'onnx', producer: '', opsets: {}, files: [main, ...others] },
      ],
    },
    variants: undefined,
  };
}

/** The object that holds bytes. */
export function blobOf(bytes: Uint8Array): string {
  return objectKeys.blob(digestOfBytes(bytes));
}

/** What a fleet of gateways knows the version of the deployment `digits` by. */
export function digitsKey(version: number): BuildKey {
  return { namespace: 'default', name: 'digits', build: `digits@${version}` };
}

/** The deployment `digits`. */
export function digitsRoute(stable: RoutedVersion, over: Partial<DeploymentRoute> = {}): DeploymentRoute {
  return {
    namespace: 'default',
    name: 'digits',
    attributes: { targets: [], labels: {} },
    stable,
    candidate: undefined,
    pinned: [],
    candidateWeightPercent: 0,
    mirrorPercent: 0,
    match: undefined,
    stickyBy: undefined,
    watch: WATCH_NOTHING,
    breaker: undefined,
    rolloutId: '',
    fallbackToStable: true,
    deadlineMs: 10_000,
    maxConcurrency: 256,
    serving: DEFAULT_SERVING_OPTIONS,
    ...over,
  };
}

async function* chunksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
