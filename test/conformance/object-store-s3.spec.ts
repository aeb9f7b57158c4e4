import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditBatches } from '#adapters/audit-store';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { AuditTrail, entriesChain, verifyAudit } from '#application/audit';
import { type ObjectStore, probeConditionalWrites } from '#application/registry';
import { objectStoreContract } from '#testing';
import { minioProgram } from '../servers/minio.ts';
import { S3Server } from '../servers/s3-server.ts';
import { versitygwProgram } from '../servers/versitygw.ts';

const hexOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.each([minioProgram, versitygwProgram])('$name', (program) => {
  let server: S3Server;
  let bucket = 0;

  beforeAll(async () => {
    server = await S3Server.start(program);
  });
  afterAll(async () => server?.stop());
  beforeEach(() => {
    bucket += 1;
  });

  const settings = () => server.settings(`bucket-${bucket}`);
  const open = () => S3ObjectStore.open(settings());

  objectStoreContract(program.name, open);

  it('passes the probe that the registry makes at start', async () => {
    await expect(probeConditionalWrites(await open(), 'probe-1')).resolves.toBeUndefined();
  });

  it('a large object travels in parts', async () => {
    const store = await open();
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

  it('a broken large upload leaves no object and no parts', async () => {
    const store = await open();
    const megabyte = Buffer.alloc(1 << 20, 7);
    const breaking = async function* () {
      for (let part = 0; part < 40; part += 1) yield megabyte;
      throw new Error('the source broke');
    };
    await expect(store.putStream('broken', breaking(), 48 << 20)).rejects.toThrow();
    expect(await store.head('broken')).toBeUndefined();
    await expect(server.unfinishedUploads(`bucket-${bucket}`)).resolves.toEqual([]);
  });

  it('clients bring bytes to the bucket and fetch them by signed URLs, and only the bytes that were signed', async () => {
    const store = await S3ObjectStore.open({ ...settings(), s3PublicEndpoint: server.endpoint });
    const bytes = Buffer.from('weights');
    const hex = createHash('sha256').update(bytes).digest('hex');
    const key = `blobs/sha256/${hex}`;
    const put = store.direct?.presignPut(key, hex);
    const send = (body: Buffer, headers: Record<string, string> = put?.headers ?? {}) =>
      fetch(put?.url ?? '', { method: 'PUT', headers, body });
    expect((await send(Buffer.from('Weights'))).status).toBeGreaterThanOrEqual(400);
    expect((await send(bytes, {})).status).toBeGreaterThanOrEqual(400);
    const other = { 'x-amz-checksum-sha256': createHash('sha256').update('Weights').digest('base64') };
    expect((await send(Buffer.from('Weights'), other)).status).toBe(403);
    expect(await store.head(key)).toBeUndefined();
    expect((await send(bytes)).status).toBe(200);
    const got = await fetch(store.direct?.presignGet(key).url ?? '');
    expect(await got.text()).toBe('weights');
  });

  it('programs that audit at the same time write one chain', async () => {
    const trailOf = (store: ObjectStore, index: number) =>
      new AuditTrail({
        store: auditBatches(async () => store),
        sha256: hexOf,
        nowMs: () => Date.now(),
        after: () => () => {},
        program: `program-${index}`,
        process: `process-${index}`,
        events: { onEntries: () => {}, onWritten: () => {}, onFailure: () => {} },
      });
    const trails = await Promise.all(Array.from({ length: 4 }, async (_, index) => trailOf(await open(), index)));
    const lanes = trails.map(async (trail) => {
      for (let at = 0; at < 10; at += 1) await trail.append({ kind: 'change', action: 'key.create', detail: `${at}` });
    });
    await Promise.all(lanes);
    const store = await open();
    const chain = entriesChain(auditBatches(async () => store));
    const report = await verifyAudit([chain], { sha256: hexOf, expected: [], onProgress: () => {} });
    expect(report.problems).toEqual([]);
    expect(report.chains).toMatchObject([{ batches: 40, entries: 40, chainedFrom: 1 }]);
  });

  it('a server that no longer answers is told after seconds', async () => {
    const store = await open();
    process.kill(server.pid, 'SIGSTOP');
    try {
      const startedMs = performance.now();
      await expect(store.put('silent', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(performance.now() - startedMs).toBeLessThan(20_000);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });

  it('wrong credentials and an unreachable server are told, not waited for', async () => {
    await expect(S3ObjectStore.open({ ...settings(), s3SecretKey: 'wrong-secret' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(S3ObjectStore.open({ ...settings(), s3Endpoint: '127.0.0.1:9' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
