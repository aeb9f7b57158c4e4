import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type BillOfMaterials, billOfMaterials, crateUrl, type LockedParts, packageUrl } from './bill-of-materials.ts';
import { OUR_CRATES, readCargoLock } from './cargo-lock.ts';
import { nameAt, productionPackages, readLockFile, root } from './lock-file.ts';

const scratch = mkdtempSync(join(tmpdir(), 'slipway-sbom-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Others are looked at by a person first. */
const LICENSES = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];
const EXPRESSIONS = [
  '(Apache-2.0 AND BSD-3-Clause)',
  '(MIT AND BSD-3-Clause)',
  '(MIT OR CC0-1.0)',
  '(MIT OR Apache-2.0) AND Unicode-3.0',
  'Apache-2.0 OR MIT',
  'MIT OR Apache-2.0',
  'Unlicense OR MIT',
];

const locked = productionPackages(readLockFile());
const crates = readCargoLock();
const document = writeBill('first.json');
const components = new Map(document.components.map((component) => [component.purl, component]));

function writeBill(name: string): BillOfMaterials {
  const file = join(scratch, name);
  execFileSync('npm', ['run', '--silent', 'sbom', '--', '--output', file], { cwd: root, stdio: 'pipe' });
  return JSON.parse(readFileSync(file, 'utf8')) as BillOfMaterials;
}

describe('the software bill of materials', () => {
  it('has every production package of the lock file, with its package URL, the digest of its archive and its licence', () => {
    const missing = locked.filter(([path, { version, integrity, license }]) => {
      const component = components.get(packageUrl(nameAt(path), version));
      const [hash] = component?.hashes ?? [];
      const isWhole =
        hash?.alg === 'SHA-512' && `sha512-${Buffer.from(hash.content, 'hex').toString('base64')}` === integrity;
      return !isWhole || license === undefined || component?.licenses?.length !== 1;
    });
    expect(missing.map(([path]) => path)).toEqual([]);
    expect(locked.length).toBeGreaterThan(300);
    const packages = new Set(locked.map(([path, { version }]) => `${nameAt(path)}@${version}`));
    expect(components.size).toBe(packages.size + crates.length);
  });

  it('has every crate that the addon may be built of, with its package URL, the digest of its archive and its licence', () => {
    const lockFile = readFileSync(join(root, 'native/Cargo.lock'), 'utf8');
    const missing = crates.filter((crate) => {
      const { scope, hashes, licenses } = components.get(crateUrl(crate)) ?? {};
      const [hash] = hashes ?? [];
      const isKnown = OUR_CRATES.includes(crate.name) ? hash === undefined : hash?.content === crate.checksum;
      return !isKnown || scope !== 'optional' || licenses?.length !== 1;
    });
    expect(missing.map(({ name }) => `${name}: if it is new, npm run sbom:crates writes its licence down`)).toEqual([]);
    expect(crates).toHaveLength(lockFile.split('[[package]]').length - 1);
    const digests = [...components.values()].flatMap(({ hashes = [] }) =>
      hashes.filter(({ alg }) => alg === 'SHA-256'),
    );
    expect(digests.map(({ content }) => content).sort()).toEqual(
      lockFile.match(/(?<=^checksum = ")[0-9a-f]{64}(?="$)/gm)?.sort(),
    );
  });

  it('has everything that npm finds installed, with the version and licence that the installed package gives', () => {
    const listed = execFileSync('npm', ['ls', '--all', '--omit=dev', '--parseable'], { cwd: root, encoding: 'utf8' });
    const folders = listed.trim().split('\n').slice(1);
    expect(folders.length).toBeGreaterThan(280);
    const differing = folders.flatMap((folder) => {
      const given = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
      const component = components.get(packageUrl(`${given['name']}`, `${given['version']}`));
      // Node.js's program comes by the install script of `node`, as a package for the platform that no lock file knows.
      if (given['name']?.startsWith('node-linux-') || given['name']?.startsWith('node-darwin-')) return [];
      const told = component?.licenses?.map((entry) => ('license' in entry ? entry.license.id : entry.expression))[0];
      const isRight = component !== undefined && (given['license'] === undefined || told === given['license']);
      return isRight ? [] : [`${folder}: ${told}`];
    });
    expect(differing).toEqual([]);
  });

  it('is the same document for the same lock file, and another one for another', () => {
    expect(writeBill('second.json')).toEqual(document);
    const self = { name: 'slipway', license: 'Apache-2.0' };
    const packages = readLockFile();
    const { 'node_modules/ws': ws } = packages;
    const changed = { ...packages, 'node_modules/ws': { ...ws!, version: '0.0.1' } };
    const serialOf = (parts: LockedParts) => billOfMaterials(parts, self).serialNumber;
    expect(serialOf({ packages, crates })).toBe(document.serialNumber);
    expect(serialOf({ packages: changed, crates })).not.toBe(document.serialNumber);
    expect(serialOf({ packages, crates: crates.slice(1) })).not.toBe(document.serialNumber);
  });

  it('names itself, and each package that another one needs', () => {
    expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.7', version: 1 });
    expect(document.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const self = document.metadata.component;
    expect(self).toMatchObject({ name: 'slipway', purl: expect.stringMatching(/^pkg:npm\/slipway@/) });
    const refs = new Set([self.purl, ...components.keys()]);
    expect(document.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
    expect(document.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
    const { dependencies: wanted } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const direct = document.dependencies.find(({ ref }) => ref === self.purl)?.dependsOn ?? [];
    const ours = direct
      .filter((ref) => ref.startsWith('pkg:cargo/'))
      .map((ref) => ref.replace(/^pkg:cargo\/|@.*$/g, ''));
    expect(ours.sort()).toEqual(OUR_CRATES);
    expect(Object.entries(wanted).filter(([name, version]) => !direct.includes(packageUrl(name, version)))).toEqual([]);
  });

  it('has no licence that nobody has looked at', () => {
    const told = [...components.values()].flatMap(({ licenses = [] }) =>
      licenses.map((entry) => ('license' in entry ? entry.license.id : entry.expression)),
    );
    expect([...new Set(told)].filter((license) => ![...LICENSES, ...EXPRESSIONS].includes(license))).toEqual([]);
  });
});
