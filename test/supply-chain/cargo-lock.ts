import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crateId, readCrateLicences } from './crate-licences.ts';
import { root } from './lock-file.ts';

/** Crates whose source is here: they come in no archive. */
export const OUR_CRATES: readonly string[] = [
  'example-operators',
  'slipway-ascend',
  'slipway-ascend-simulator',
  'slipway-native',
  'slipway-operators',
];

/** What `native/Cargo.lock` says of one crate, with its licence. */
export interface LockedCrate {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the crate's archive, in hex; absent for {@link OUR_CRATES}. */
  readonly checksum?: string;
  /** An SPDX identifier or expression; absent where nobody has asked cargo for it yet. */
  readonly license?: string;
  /** Others of the same file. */
  readonly dependencies: readonly Pick<LockedCrate, 'name' | 'version'>[];
}

const FORMAT = 'version = 4';

/** All that the addon may be built of, on any platform, what is needed to build it included. @throws Error for a lock file of another format */
export function readCargoLock(): readonly LockedCrate[] {
  const text = readFileSync(join(root, 'native/Cargo.lock'), 'utf8');
  if (!text.includes(`\n${FORMAT}\n`)) throw new Error(`native/Cargo.lock is not of the format "${FORMAT}"`);
  const blocks = text.split('\n[[package]]\n').slice(1);
  const licences = readCrateLicences();
  const crates = blocks.map((block) => ({ name: valueIn(block, 'name'), version: valueIn(block, 'version') }));
  return blocks.map((block, index) => {
    const { name = '', version = '' } = crates[index] ?? {};
    const checksum = /^checksum = /m.test(block) ? valueIn(block, 'checksum') : undefined;
    const license = licences[crateId({ name, version })];
    return {
      name,
      version,
      ...(checksum === undefined ? {} : { checksum }),
      ...(license === undefined ? {} : { license }),
      dependencies: neededIn(block).map((needed) => found(crates, needed)),
    };
  });
}

function valueIn(block: string, key: string): string {
  const value = new RegExp(`^${key} = "([^"]+)"$`, 'm').exec(block)?.[1];
  if (value === undefined) throw new Error(`native/Cargo.lock has a package without ${key}: ${block}`);
  return value;
}

function neededIn(block: string): string[] {
  const list = /^dependencies = \[\n([^\]]*)\]/m.exec(block)?.[1] ?? '';
  return [...list.matchAll(/"([^"]+)"/g)].map(([, needed = '']) => needed);
}

/** @param needed a name, with a version where the lock file has several of that name. */
function found(crates: readonly Pick<LockedCrate, 'name' | 'version'>[], needed: string) {
  const [name, version] = needed.split(' ');
  const crate = crates.find((one) => one.name === name && (version === undefined || one.version === version));
  if (crate === undefined) throw new Error(`native/Cargo.lock needs ${needed}, and has no such package`);
  return crate;
}
