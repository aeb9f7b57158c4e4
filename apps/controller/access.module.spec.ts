import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ObjectStorePolicies } from '#adapters/access-store';
import { loadConfig } from '#adapters/config';
import { FsObjectStore } from '#adapters/object-store-fs';
import { createLogger } from '#adapters/telemetry';
import { PluginSet } from '#application/plugin';
import type { ObjectStore } from '#application/registry';
import { openAudit } from '#apps/access';
import { SERVER } from '#domain/access';
import { DomainError } from '#domain/errors';
import { createAccess } from './access.module.ts';
import { controllerSettings } from './config.ts';

const logger = createLogger('test', 'silent');
const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
const policy = `
apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: open-metrics }
spec:
  roles: [{ name: metrics, allow: [{ actions: [metrics.read] }] }]
  bindings: [{ role: metrics, subjects: [{ everyone: true }] }]
`;

let folder: string;
let store: ObjectStore;
const outOfReach = {
  get: async () => {
    throw new DomainError('STORE_UNAVAILABLE', 'the bucket is out of reach');
  },
} as unknown as ObjectStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-controller-access-'));
  store = await FsObjectStore.open(join(folder, 'store'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whether nobody in particular, and the administrator, may read metrics. */
const mayRead = async (from: ObjectStore) => {
  const config = loadConfig(controllerSettings, {
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
    SLIPWAY_CONTROLLER_STATE_DIR: join(folder, 'state'),
  });
  const audit = await openAudit(config, { openStore: async () => from, program: 'controller' }, logger);
  const { control } = await createAccess(config, { store: from, audit, plugins: new PluginSet([]) }, logger);
  const shown = [undefined, `Bearer ${adminKey}`].map((authorization) => ({ authorization, certificate: undefined }));
  const callers = await Promise.all(shown.map(async (one) => control.admit(one, undefined)));
  return callers.map((caller) => caller.may('metrics.read', SERVER));
};

it('a controller that never saw policies lets the administrator alone do anything', async () => {
  expect(await mayRead(outOfReach)).toEqual([false, true]);
  expect(await mayRead(store)).toEqual([false, true]);
});

it('a controller starts with the policies that it kept, while the bucket is out of reach', async () => {
  const files = [{ path: 'metrics.yaml', text: policy }];
  await new ObjectStorePolicies(store).publish({ revision: 'c1', files }, 1);
  expect(await mayRead(store)).toEqual([true, true]);
  expect(await mayRead(outOfReach)).toEqual([true, true]);
});
