import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** What `package-lock.json` says of one installed package. */
export interface LockedPackage {
  readonly version: string;
  /** Of the package's archive, as npm writes it: `sha512-<base64>`. */
  readonly integrity?: string;
  /** An SPDX identifier or expression. */
  readonly license?: string;
  /** Installed for development alone. */
  readonly dev?: true;
  readonly hasInstallScript?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The root is the package whose path is empty. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export function readLockFile(folder = root): LockedPackages {
  return (JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: LockedPackages }).packages;
}

/** All that `npm ci --omit=dev` may install on some platform, by their paths. */
export function productionPackages(packages: LockedPackages): readonly (readonly [path: string, LockedPackage])[] {
  return Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
}

/** @param path in the lock file, such as `node_modules/a/node_modules/@b/c`, which is `@b/c`. */
export function nameAt(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Where Node.js finds a dependency of the package at a path; `undefined` when it is optional and not there. */
export function resolvedPath(packages: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}
