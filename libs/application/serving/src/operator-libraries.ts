import { DomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { ServedFile } from './serving-snapshot.ts';

/** A library of operators on the local disk. It is code: who opens it checks that its bytes have the digest. */
export interface OperatorLibrary {
  readonly path: string;
  readonly digest: Digest;
}

/** Which operator libraries of versions are loaded. */
export interface AllowedOperators {
  /** Of their bytes. */
  readonly digests: ReadonlySet<Digest>;
  /** Why none is loaded, whatever its digest, and what to do about it; absent where those that are allowed are. */
  readonly obstacle?: string;
}

/** The files of a variant that are operator libraries: shared libraries in a folder `operators`, beside the model or above it. */
export function operatorFiles(files: readonly ServedFile[]): readonly ServedFile[] {
  return files.filter(({ path }) => /(^|\/)operators\/[^/]+\.so$/.test(path));
}

/**
 * Lets nobody's code in but what the operator of the gateway has allowed.
 *
 * @param allowed absent: none.
 * @throws OPERATORS_REFUSED naming the first library that may not be loaded
 */
export function assertOperatorsAllowed(files: readonly ServedFile[], allowed: AllowedOperators | undefined): void {
  const refused = operatorFiles(files).find(
    ({ digest }) => allowed?.obstacle !== undefined || allowed?.digests.has(digest) !== true,
  );
  if (refused === undefined) return;
  const what = `the version brings the operator library ${refused.path}`;
  const why =
    allowed?.obstacle ??
    `this gateway does not allow its digest ${refused.digest}: SLIPWAY_GATEWAY_OPERATORS lists those that it does`;
  throw new DomainError('OPERATORS_REFUSED', `${what}, and ${why}`);
}

/** The operator libraries of a variant whose files are here. @param modelPath where its first file lies. */
export function operatorLibraries(modelPath: string, files: readonly ServedFile[]): OperatorLibrary[] {
  const folder = modelPath.slice(0, modelPath.length - (files[0]?.path.length ?? 0));
  return operatorFiles(files).map(({ path, digest }) => ({ path: `${folder}${path}`, digest }));
}
