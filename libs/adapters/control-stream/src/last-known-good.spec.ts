import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RouteSnapshot } from '#generated/slipway/control/v1/control';
import { LastKnownGoodRoutes } from './last-known-good.ts';

const snapshotOf = (revision: number) => RouteSnapshot.fromPartial({ revision: BigInt(revision) });

describe('LastKnownGoodRoutes', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'routes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has the newest of snapshots that came at once, and nothing beside it', async () => {
    const routes = new LastKnownGoodRoutes(join(folder, 'state', 'routes.pb'));
    expect(routes.read()).toBeUndefined();
    await Promise.all([1, 2, 3].map((revision) => routes.write(snapshotOf(revision))));
    expect(new LastKnownGoodRoutes(join(folder, 'state', 'routes.pb')).read()).toEqual(snapshotOf(3));
    await routes.write(snapshotOf(4));
    expect(routes.read()?.revision).toBe(4n);
    expect(readdirSync(join(folder, 'state'))).toEqual(['routes.pb']);
  });

  it('fails where it cannot write, and writes again when it can', async () => {
    const path = join(folder, 'state');
    writeFileSync(path, '');
    const routes = new LastKnownGoodRoutes(join(path, 'routes.pb'));
    await expect(routes.write(snapshotOf(1))).rejects.toThrow();
    rmSync(path);
    await routes.write(snapshotOf(2));
    expect(routes.read()?.revision).toBe(2n);
  });
});
