import { DomainError } from '#domain/errors';
import { type LibraryDescription, loadAddon, type NativeAddon } from './addon.ts';

/** What an ONNX Runtime library can use on this machine. */
export type NativeRuntimeDescription = LibraryDescription;

/**
 * Opens an ONNX Runtime library for this process, which has no other; the same one again does nothing.
 *
 * @param libraryPath absolute; code of the library runs, so whoever names it is trusted.
 * @throws UNSUPPORTED without the addon, or when the library cannot be used
 */
export function openNativeLibrary(libraryPath: string): NativeAddon {
  const addon = loadAddon();
  try {
    addon.openLibrary(libraryPath);
    return addon;
  } catch (error) {
    throw new DomainError('UNSUPPORTED', (error as Error).message, {}, { cause: error });
  }
}

/**
 * Opens a library and tries each of its providers. That loads drivers: call it in a process that ends soon.
 *
 * @throws UNSUPPORTED without the addon, or when the library cannot be used
 */
export function describeNativeRuntime(libraryPath: string): NativeRuntimeDescription {
  return openNativeLibrary(libraryPath).describeLibrary();
}
