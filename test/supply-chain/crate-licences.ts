import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lock-file.ts';

/** SPDX identifiers and expressions by {@link crateId}. */
export type CrateLicences = Readonly<Record<string, string>>;

/** Cargo's lock file has no licences, and the crates that have them are there where the addon is built, and nowhere else. */
const file = join(root, 'native/crate-licences.json');

export function crateId({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}

/** The licences that are written down beside the lock file. */
export function readCrateLicences(): CrateLicences {
  return JSON.parse(readFileSync(file, 'utf8')) as CrateLicences;
}

/** Writes down the licences that cargo tells. */
export function writeCrateLicences(licences: CrateLicences): void {
  writeFileSync(file, `${JSON.stringify(licences, null, 2)}\n`);
}

/** The licences of all crates of the lock file, as these say themselves. Fetches those that are not there. @throws Error with what cargo says */
export function askCargoForLicences(): CrateLicences {
  const args = ['metadata', '--locked', '--format-version', '1', '--manifest-path', 'native/Cargo.toml'];
  const told = execFileSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const { packages } = JSON.parse(told) as { packages: { name: string; version: string; license: string | null }[] };
  // A slash is how crates of old say OR: https://doc.rust-lang.org/cargo/reference/manifest.html#the-license-and-license-file-fields
  return Object.fromEntries(packages.map((crate) => [crateId(crate), (crate.license ?? '').replaceAll('/', ' OR ')]));
}
