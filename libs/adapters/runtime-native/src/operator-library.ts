import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DomainError } from '#domain/errors';
import type { NativeAddon } from './addon.ts';

/** A library of operators, and the digest that its bytes must have. */
export interface NativeOperatorLibrary {
  readonly path: string;
  /** `sha256:` and hexadecimal digits. */
  readonly digest: string;
}

/**
 * Reads an operator library once and has the addon keep what was read, so that the bytes that were checked are those that are opened.
 *
 * @returns where the addon opens it.
 * @throws MODEL_LOAD_FAILED when it cannot be read; ARTIFACT_CORRUPT when it is another one; UNSUPPORTED on systems that cannot keep it
 */
export async function sealOperatorLibrary(
  addon: NativeAddon,
  { path, digest }: NativeOperatorLibrary,
): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const reason = (error as Error).message;
    throw new DomainError('MODEL_LOAD_FAILED', `an operator library cannot be read: ${reason}`, {}, { cause: error });
  });
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== digest) {
    throw new DomainError(
      'ARTIFACT_CORRUPT',
      `the operator library ${path} was changed: it is ${found}, not ${digest}`,
    );
  }
  return addon.sealLibrary(digest, bytes);
}
