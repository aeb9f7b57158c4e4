import { openAsBlob, readFileSync } from 'node:fs';
import { FormatInspector } from '#adapters/model-format-onnx';
import type { ModelSignature } from '#domain/inference';

/** The signature that a model's file has. */
export async function signatureOf(path: string): Promise<ModelSignature> {
  const bytes = (await openAsBlob(path)).stream();
  return (await new FormatInspector().inspect('onnx', bytes, readFileSync(path).byteLength)).signature;
}
