import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { probeConditionalWrites } from '#application/registry';
import { objectStoreContract } from '#testing';
import { type MinioServer, startMinio } from '../servers/minio.ts';

let minio: MinioServer;
let bucket = 0;

beforeAll(async () => {
  minio = await startMinio();
});
afterAll(async () => minio?.stop());
beforeEach(() => {
  bucket += 1;
});

const settings = () => ({
  s3Endpoint: minio.endpoint,
  s3UseTls: false,
  s3Bucket: `bucket-${bucket}`,
  s3Region: 'us-east-1',
  s3AccessKey: minio.accessKey,
  s3SecretKey: minio.secretKey,
});

objectStoreContract('MinIO', () => S3ObjectStore.open(settings()));

it('MinIO passes the probe that the registry makes at start', async () => {
  await expect(probeConditionalWrites(await S3ObjectStore.open(settings()), 'probe-1')).resolves.toBeUndefined();
});

it('a large object travels in parts', async () => {
  const store = await S3ObjectStore.open(settings());
  const megabyte = Buffer.alloc(1 << 20, 7);
  const size = 40 * megabyte.byteLength;
  await store.putStream(
    'large',
    (async function* () {
      for (let part = 0; part < 40; part += 1) yield megabyte;
    })(),
    size,
  );
  expect((await store.head('large'))?.sizeBytes).toBe(size);
});

it('wrong credentials and an unreachable server are told, not waited for', async () => {
  await expect(S3ObjectStore.open({ ...settings(), s3SecretKey: 'wrong-secret' })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  await expect(S3ObjectStore.open({ ...settings(), s3Endpoint: '127.0.0.1:9' })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
});
