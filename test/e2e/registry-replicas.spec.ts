import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMinio } from '../servers/minio.ts';
import type { S3Server } from '../servers/s3-server.ts';
import { eventually } from './eventually.ts';
import { type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';

let minio: S3Server;
let replicas: [RegistryFixture, RegistryFixture];

beforeAll(async () => {
  minio = await startMinio();
  const environment = { ...minio.environment(), SLIPWAY_S3_BUCKET: 'shared' };
  replicas = [await startRegistryFixture(environment), await startRegistryFixture(environment)];
});

afterAll(async () => {
  for (const replica of replicas ?? []) await replica.stop();
  await minio?.stop();
});

const contentOf = async ({ graphql }: RegistryFixture) => {
  const { data } = await graphql(`{
    versions(first: 200) { nodes { model version labels { name value } aliases } }
    models { nodes { name aliases { alias version revision } } }
    events(first: 200) { nodes { id action actor } } }`);
  return JSON.stringify(data);
};

it('two replicas on one bucket tell the same, whoever wrote what, and after an index was deleted', async () => {
  const [one, two] = replicas;
  const registrations = Array.from({ length: 40 }, (_, index) =>
    (index % 2 === 0 ? one : two).register('shared', { labels: [{ name: 'index', value: String(index) }] }),
  );
  const numbers = await Promise.all(registrations);
  expect(numbers.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));

  // A change at one replica is what the other one works with at once, however old its index is.
  const alias = (version: number) => ({ input: { namespace: 'default', model: 'shared', alias: 'champion', version } });
  await one.client.call('setAlias', alias(40));
  await two.client.call('setAlias', alias(39));
  const found = await one.client.version('default', 'shared', { alias: 'champion' });
  expect([39, 40]).toContain(found?.version);

  const isSame = async () => (await contentOf(one)) === (await contentOf(two));
  await eventually('both replicas tell the same', isSame, (same) => same);
  const content = await contentOf(one);
  expect(JSON.parse(content).versions.nodes).toHaveLength(40);
  expect(content).toContain('"alias":"champion","version":39');

  await two.process.end('SIGKILL');
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${two.indexPath}${suffix}`, { force: true });
  await two.process.start();
  expect(await contentOf(two)).toBe(content);
});
