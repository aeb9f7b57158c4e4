import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client } from 'minio';
import { RegistryClient } from '#adapters/registry-client';
import { startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import type { S3Server } from '../servers/s3-server.ts';
import { alternate, type BenchRow } from './bench-row.ts';
import { rssOf } from './process-memory.ts';

const RUNS = 3;
const SIZE_BYTES = 2 * 1024 ** 3;
const CHUNK_BYTES = 1024 ** 2;
const GOAL = 0.8;
const BUCKET = 'slipway';

/** An artifact of 2 GiB up and down, with every digest checked, against a raw streaming PUT and GET of the same MinIO. */
export async function measureTransfers(): Promise<BenchRow[]> {
  const minio = await startMinio();
  const state = mkdtempSync(join(tmpdir(), 'bench-transfers-'));
  const start = (name: string, more: Readonly<Record<string, string>>) =>
    RegistryProcess.start({
      ...minio.environment(),
      SLIPWAY_S3_BUCKET: BUCKET,
      SLIPWAY_REGISTRY_INDEX: join(state, `${name}.db`),
      ...more,
    });
  // One leads clients to the bucket, the other passes every byte through itself.
  const direct = await start('direct', { SLIPWAY_S3_PUBLIC_ENDPOINT: minio.endpoint });
  const through = await start('through', {});
  const raw = new RawBucket(minio);
  try {
    const rows: BenchRow[] = [];
    for (const [name, registry] of [
      ['', direct],
      ['-through', through],
    ] as const) {
      const transfer = new Transfer(registry.url);
      const before = rssOf(registry);
      let peak = before;
      const sampling = setInterval(() => {
        peak = Math.max(peak, rssOf(registry));
      }, 50);
      const up = await alternate(
        RUNS,
        () => transfer.upload(),
        () => raw.upload(),
      );
      const down = await alternate(
        RUNS,
        () => transfer.download(),
        () => raw.download(),
      );
      clearInterval(sampling);
      process.stderr.write(`2 GiB up and down${name}: the registry grew from ${before} to at most ${peak} MiB\n`);
      rows.push(row(`upload-2g${name}/raw`, up), row(`download-2g${name}/raw`, down));
    }
    return rows;
  } finally {
    for (const registry of [direct, through]) await registry.end('SIGKILL');
    await minio.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

function row(id: string, measured: { ours: number; against: number }): BenchRow {
  const ratio = measured.ours / measured.against;
  return { id, unit: 'MiB/s', ...measured, ratio, goal: GOAL, runs: RUNS };
}

/** 2 GiB that no registry has seen, told apart by their first bytes. */
class Artifact {
  readonly #first = randomBytes(CHUNK_BYTES);
  static readonly #rest = randomBytes(CHUNK_BYTES);

  digest(): string {
    const hash = createHash('sha256').update(this.#first);
    for (let at = CHUNK_BYTES; at < SIZE_BYTES; at += CHUNK_BYTES) hash.update(Artifact.#rest);
    return `sha256:${hash.digest('hex')}`;
  }

  async *bytes(offset: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < SIZE_BYTES; at += CHUNK_BYTES) yield at === 0 ? this.#first : Artifact.#rest;
  }
}

class Transfer {
  readonly #registry: RegistryClient;
  readonly #url: string;
  #latest = 0;

  constructor(url: string) {
    this.#url = url;
    this.#registry = new RegistryClient(url);
  }

  /** @returns MiB/s of sending the bytes. */
  async upload(): Promise<number> {
    const artifact = new Artifact();
    const digest = artifact.digest();
    await this.#registry.call('createModel', { input: { name: 'large' } });
    const files = [{ path: 'weights.bin', digest, sizeBytes: SIZE_BYTES }];
    const draft = await this.#registry.call('createVersion', {
      input: { model: 'large', variants: [{ format: 'OTHER', files }] },
    });
    const [file] = draft.files;
    if (file === undefined || file.isUploaded) throw new Error('the registry wants no bytes');
    const startedMs = performance.now();
    await this.#registry.uploadBlob(file, (offset) => artifact.bytes(offset));
    const speed = mebibytesPerSecond(startedMs);
    const place = { namespace: 'default', model: 'large', draftId: draft.id };
    this.#latest = (await this.#registry.call('finalizeVersion', place)).version;
    return speed;
  }

  /** @returns MiB/s of fetching the bytes and computing their digest. */
  async download(): Promise<number> {
    const place = { namespace: 'default', model: 'large', version: this.#latest };
    const file = (await this.#registry.call('files', place))?.variants[0]?.files[0];
    if (file === undefined) throw new Error('the version has no file');
    const startedMs = performance.now();
    const hash = createHash('sha256');
    await fetchBytes(file.directDownload?.url ?? `${this.#url}${file.downloadPath}`, (chunk) => hash.update(chunk));
    if (`sha256:${hash.digest('hex')}` !== file.digest) throw new Error('other bytes came than were asked for');
    return mebibytesPerSecond(startedMs);
  }
}

/** The same MinIO without a registry: one streaming request, nothing checked. */
class RawBucket {
  readonly #client: Client;

  constructor({ endpoint, accessKey, secretKey }: S3Server) {
    const [endPoint = '', port] = endpoint.split(':');
    this.#client = new Client({
      endPoint,
      port: Number(port),
      useSSL: false,
      accessKey,
      secretKey,
      region: 'us-east-1',
    });
  }

  async upload(): Promise<number> {
    const url = await this.#client.presignedPutObject(BUCKET, 'raw');
    const artifact = new Artifact();
    const startedMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      const request = http.request(url, { method: 'PUT', headers: { 'content-length': SIZE_BYTES } }, (response) => {
        response.resume().once('end', resolve);
        if (response.statusCode !== 200) reject(new Error(`MinIO answered with status ${response.statusCode}`));
      });
      pipeline(artifact.bytes(0), request).catch(reject);
    });
    return mebibytesPerSecond(startedMs);
  }

  async download(): Promise<number> {
    const url = await this.#client.presignedGetObject(BUCKET, 'raw');
    const startedMs = performance.now();
    await fetchBytes(url, () => {});
    return mebibytesPerSecond(startedMs);
  }
}

function fetchBytes(url: string, take: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.on('data', take).once('end', resolve).once('error', reject);
    });
    request.once('error', reject);
  });
}

function mebibytesPerSecond(sinceMs: number): number {
  return SIZE_BYTES / 1024 ** 2 / ((performance.now() - sinceMs) / 1000);
}
