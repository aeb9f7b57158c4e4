import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OUR_CRATES, readCargoLock } from './cargo-lock.ts';
import { DEPENDENCY_FLOORS, isBelow } from './dependency-floors.ts';
import { type LockedPackages, nameAt, productionPackages, readLockFile, root } from './lock-file.ts';

const packages = readLockFile();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

function belowTheirFloors(given: LockedPackages): string[] {
  return productionPackages(given).flatMap(([path, { version }]) =>
    DEPENDENCY_FLOORS.filter(({ name, least }) => name === nameAt(path) && isBelow(version, least)).map(
      ({ least, because }) => `${path} is ${version}, at least ${least} is needed: ${because}`,
    ),
  );
}

describe('versions with known faults', () => {
  it('are not installed, wherever they lie', () => {
    expect(belowTheirFloors(packages)).toEqual([]);
  });

  it('would be found, also inside of other packages', () => {
    const older = {
      ...packages,
      'node_modules/@nestjs/platform-fastify/node_modules/fastify': { version: '5.7.9' },
      'node_modules/ws': { version: '8.17.1-rc.1' },
      'node_modules/yaml': { version: '1.0.0', dev: true as const },
    };
    expect(belowTheirFloors(older).map((fault) => fault.split(',')[0])).toEqual([
      'node_modules/ws is 8.17.1-rc.1',
      'node_modules/@nestjs/platform-fastify/node_modules/fastify is 5.7.9',
    ]);
  });

  it.each(DEPENDENCY_FLOORS.map(({ name }) => name))(
    '%s is still a dependency, so that its floor means something',
    (name) => {
      expect(productionPackages(packages).map(([path]) => nameAt(path))).toContain(name);
    },
  );

  it.each([
    ['1.2.3', '1.2.3', false],
    ['1.2.3', '1.2.4', true],
    ['1.10.0', '1.9.9', false],
    ['2.0.0', '1.99.99', false],
    ['0.99.99', '1.0.0', true],
    ['1.2.3-rc.1', '1.2.3', true],
    ['1.2.4-rc.1', '1.2.3', false],
  ])('%s is below %s: %s', (version, least, isLower) => {
    expect(isBelow(version, least)).toBe(isLower);
  });
});

describe('what is installed', () => {
  it('is known by its digest, each package of the lock file, on every platform', () => {
    const unknown = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
    );
    expect(unknown.map(([path]) => path)).toEqual([]);
  });

  it('is known by its digest, each crate that the addon is built of', () => {
    const unknown = readCargoLock().filter(({ checksum = '' }) => !/^[0-9a-f]{64}$/.test(checksum));
    expect(unknown.map(({ name }) => name).sort()).toEqual(OUR_CRATES);
  });

  it('is named by its exact version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([name, version]) => packages[`node_modules/${name}`]?.version !== version,
    );
    expect(loose).toEqual([]);
    const cargo = readFileSync(join(root, 'native/Cargo.toml'), 'utf8');
    const wanted = /(?<=\[dependencies\]\n).*?(?=\n\[lints)/s.exec(cargo)?.[0] ?? '';
    const versions = [...wanted.matchAll(/^[\w-]+ = (?:\{ version = )?"([^"]+)"/gm)].map(([, version = '']) => version);
    expect(versions.length).toBeGreaterThan(4);
    expect(versions.filter((version) => !version.startsWith('='))).toEqual([]);
  });

  it('runs no script of its own while it is installed, but for Node.js, and nobody forgot to decide on one', () => {
    const withScripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual(withScripts.map(([path]) => nameAt(path)).sort());
    const allowed = Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed);
    expect(allowed.map(([name]) => name)).toEqual(['node']);
  });
});
