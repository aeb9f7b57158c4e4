import { createHash } from 'node:crypto';
import type { LockedCrate } from './cargo-lock.ts';
import { type LockedPackage, type LockedPackages, nameAt, productionPackages, resolvedPath } from './lock-file.ts';

interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  /** Absent: it is needed. */
  readonly scope?: 'optional';
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[];
  readonly purl: string;
}

/** What is locked, by both package managers. */
export interface LockedParts {
  readonly packages: LockedPackages;
  /** Of the addon, which nobody needs who runs models in onnxruntime-node. */
  readonly crates: readonly LockedCrate[];
}

/** A CycloneDX document, as far as this one goes. */
export interface BillOfMaterials {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly lifecycles: readonly { readonly phase: string }[]; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const SPEC_VERSION = '1.7';
/** CycloneDX's names of the digests that npm knows. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  sha512: 'SHA-512',
  sha384: 'SHA-384',
  sha256: 'SHA-256',
  sha1: 'SHA-1',
};

/**
 * All that the lock files may install for production, on any platform, as a software bill of materials. The same lock files give the same
 * document: it has no time, and its serial number is made of its content.
 *
 * Written from the lock files rather than by `npm sbom`, which leaves out what is needed for development, too, and gives each document another
 * number and time; `@cyclonedx/cyclonedx-npm` leaves out all hashes where the lock file names no addresses. Seen with npm 11.19 and 6.0.1.
 */
export function billOfMaterials(
  { packages, crates }: LockedParts,
  self: { name: string; license: string },
): BillOfMaterials {
  const { '': own } = packages;
  if (own === undefined) throw new Error('the lock file does not describe the package itself');
  const locked = productionPackages(packages);
  const component = componentOf('application', self.name, { version: own.version, license: self.license });
  const components = new Map<string, Component>();
  const dependencies = new Map<string, Set<string>>([[component.purl, dependenciesOf(packages, '', own)]]);
  for (const [path, entry] of locked) {
    const found = componentOf('library', nameAt(path), entry);
    components.set(found.purl, found);
    // The same version can lie in several places, and find others from each.
    const others = dependencies.get(found.purl) ?? new Set();
    for (const other of dependenciesOf(packages, path, entry)) others.add(other);
    dependencies.set(found.purl, others);
  }
  for (const crate of crates) {
    const found = crateComponent(crate);
    components.set(found.purl, found);
    dependencies.set(found.purl, new Set(crate.dependencies.map(crateUrl)));
    if (crate.checksum === undefined) dependencies.get(component.purl)?.add(found.purl);
  }
  const content = {
    version: 1 as const,
    metadata: { lifecycles: [{ phase: 'pre-build' }], component },
    components: [...components.values()].sort((left, right) => inOrder(left.purl, right.purl)),
    dependencies: [...dependencies]
      .sort(([left], [right]) => inOrder(left, right))
      .map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn].sort(inOrder) })),
  };
  return {
    $schema: `http://cyclonedx.org/schema/bom-${SPEC_VERSION}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: SPEC_VERSION,
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    ...content,
  };
}

/** https://github.com/package-url/purl-spec */
export function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
}

/** https://github.com/package-url/purl-spec */
export function crateUrl({ name, version }: Pick<LockedCrate, 'name' | 'version'>): string {
  return `pkg:cargo/${name}@${encodeURIComponent(version)}`;
}

function crateComponent({ name, version, checksum, license }: LockedCrate): Component {
  const purl = crateUrl({ name, version });
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    scope: 'optional',
    ...(checksum === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: checksum }] }),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    purl,
  };
}

function componentOf(
  type: Component['type'],
  name: string,
  { version, integrity, license }: Pick<LockedPackage, 'version' | 'integrity' | 'license'>,
): Component {
  const purl = packageUrl(name, version);
  const [group, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type,
    'bom-ref': purl,
    ...(group === undefined ? {} : { group }),
    name: `${bare}`,
    version,
    ...(integrity === undefined ? {} : { hashes: hashesOf(integrity) }),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    purl,
  };
}

function hashesOf(integrity: string) {
  return integrity.split(' ').map((entry) => {
    const [algorithm = '', digest = ''] = entry.split('-');
    const alg = ALGORITHMS[algorithm];
    if (alg === undefined) throw new Error(`the lock file has a digest of an unknown kind: ${entry}`);
    return { alg, content: Buffer.from(digest, 'base64').toString('hex') };
  });
}

function licenseOf(license: string) {
  return /^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license };
}

function dependenciesOf(packages: LockedPackages, path: string, entry: LockedPackage): Set<string> {
  const { dependencies, optionalDependencies, peerDependencies } = entry;
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const found = names.flatMap((name) => resolvedPath(packages, path, name) ?? []);
  return new Set(
    found.flatMap((at) => {
      const other = packages[at];
      return other === undefined || other.dev === true ? [] : packageUrl(nameAt(at), other.version);
    }),
  );
}

/** Of version 8: the one for identifiers that are made in a way of one's own (RFC 9562). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** By code units: the order is the same on every machine. */
function inOrder(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
