import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DomainError } from '#domain/errors';

const require = createRequire(import.meta.url);

/**
 * The ONNX Runtime library that onnxruntime-node brings along, for the processor.
 *
 * @throws UNSUPPORTED when it has none for this machine
 */
export function bundledLibrary(): string {
  const folder = join(
    dirname(require.resolve('onnxruntime-node/package.json')),
    `bin/napi-v6/${process.platform}/${process.arch}`,
  );
  const name = filesIn(folder).find((file) => file.startsWith('libonnxruntime.'));
  if (name === undefined)
    throw new DomainError('UNSUPPORTED', `onnxruntime-node has no library for ${process.platform} on ${process.arch}`);
  return join(folder, name);
}

/** The version of onnxruntime-node, which its library has, too. */
export function bundledVersion(): string {
  return (require('onnxruntime-node/package.json') as { readonly version: string }).version;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
