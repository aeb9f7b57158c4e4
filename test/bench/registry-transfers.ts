import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
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
const SIZE_MIB = 2048;
const CHUNK_BYTES = 1024 ** 2;
const GOAL = 0.8;
const BUCKET = 'slipway';

/**
 * A file of 2 GiB to the bucket and back, with every digest checked, against one raw streaming PUT and GET of the same file, which
 * check nothing. The rows are for clients that the registry leads to the bucket; those whose bytes pass through the registry are
 * reported beside them.
 */
export async function measureTransfers(): Promise<BenchRow[]> {
  const minio = await startMinio();
  const state = mkdtempSync(join(tmpdir(), 'bench-transfers-'));
  const measured = async (name: string, environment: Readonly<Record<string, string>>) => {
    const registry = await RegistryProcess.start({
      ...minio.environment(),
      SLIPWAY_S3_BUCKET: BUCKET,
      SLIPWAY_REGISTRY_INDEX: join(state, `${name}.db`),
      ...environment,
    });
    try {
      return await measure(name, registry, new RawTransfer(minio, state), state);
    } finally {
      await registry.end('SIGKILL');
    }
  };
  try {
    const direct = await measured('directly', { SLIPWAY_S3_PUBLIC_ENDPOINT: minio.endpoint });
    await measured('through the registry', {});
    return [row('upload-2g/raw', direct.up), row('download-2g/raw', direct.down)];
  } finally {
    await minio.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

interface Speeds {
  /** MiB/s. */
  readonly ours: number;
  readonly against: number;
}

function row(id: string, speeds: Speeds): BenchRow {
  return { id, unit: 'MiB/s', ...speeds, ratio: speeds.ours / speeds.against, goal: GOAL, runs: RUNS };
}

async function measure(
  name: string,
  registry: RegistryProcess,
  raw: RawTransfer,
  state: string,
): Promise<{ up: Speeds; down: Speeds }> {
  const transfer = new Transfer(registry.url, state);
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
  const speeds = `up ${up.ours.toFixed(0)} MiB/s, down ${down.ours.toFixed(0)} MiB/s`;
  const memory = `the registry grew from ${before} to at most ${peak} MiB`;
  process.stderr.write(`2 GiB ${name}: ${speeds}; ${memory}\n`);
  return { up, down };
}

class Transfer {
  readonly #registry: RegistryClient;
  readonly #state: string;
  #latest = 0;

  constructor(url: string, state: string) {
    this.#state = state;
    this.#registry = new RegistryClient(url);
  }

  /** @returns MiB/s of sending the bytes. */
  async upload(): Promise<number> {
    const { path, digest } = writeArtifact(this.#state);
    await this.#registry.call('createModel', { input: { name: 'large' } });
    const files = [{ path: 'weights.bin', digest, sizeBytes: SIZE_MIB * CHUNK_BYTES }];
    const draft = await this.#registry.call('createVersion', {
      input: { model: 'large', variants: [{ format: 'OTHER', files }] },
    });
    const [file] = draft.files;
    if (file === undefined || file.isUploaded) throw new Error('the registry wants no bytes');
    const startedMs = performance.now();
    await this.#registry.uploadBlob(file, (start) => createReadStream(path, { start, highWaterMark: CHUNK_BYTES }));
    const speed = speedSince(startedMs);
    const place = { namespace: 'default', model: 'large', draftId: draft.id };
    this.#latest = (await this.#registry.call('finalizeVersion', place)).version;
    return speed;
  }

  /** @returns MiB/s of bringing the bytes into a file that is known to be right. */
  async download(): Promise<number> {
    const place = { namespace: 'default', model: 'large', version: this.#latest };
    const file = (await this.#registry.call('files', place))?.variants[0]?.files[0];
    if (file === undefined) throw new Error('the version has no file');
    const path = join(this.#state, 'downloaded');
    rmSync(path, { force: true });
    const startedMs = performance.now();
    await this.#registry.downloadFile(file, path);
    return speedSince(startedMs);
  }
}

/** The same MinIO without a registry. */
class RawTransfer {
  readonly #client: Client;
  readonly #state: string;

  constructor({ endpoint, accessKey, secretKey }: S3Server, state: string) {
    const [endPoint = '', port] = endpoint.split(':');
    const region = 'us-east-1';
    this.#client = new Client({ endPoint, port: Number(port), useSSL: false, accessKey, secretKey, region });
    this.#state = state;
  }

  async upload(): Promise<number> {
    const { path } = writeArtifact(this.#state);
    const url = await this.#client.presignedPutObject(BUCKET, 'raw');
    const startedMs = performance.now();
    const request = http.request(url, { method: 'PUT', headers: { 'content-length': SIZE_MIB * CHUNK_BYTES } });
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), request);
    const [response] = await answered;
    if (response.resume().statusCode !== 200) throw new Error(`MinIO answered with status ${response.statusCode}`);
    return speedSince(startedMs);
  }

  async download(): Promise<number> {
    const url = await this.#client.presignedGetObject(BUCKET, 'raw');
    const path = join(this.#state, 'raw');
    rmSync(path, { force: true });
    const startedMs = performance.now();
    const [response] = (await once(http.get(url), 'response')) as [http.IncomingMessage];
    await pipeline(response, createWriteStream(path));
    return speedSince(startedMs);
  }
}

/** 2 GiB that no registry has seen, told apart by their first MiB. */
function writeArtifact(state: string): { path: string; digest: string } {
  const path = join(state, 'artifact');
  const file = openSync(path, 'w');
  const hash = createHash('sha256');
  const rest = randomBytes(CHUNK_BYTES);
  for (let at = 0; at < SIZE_MIB; at += 1) {
    const chunk = at === 0 ? randomBytes(CHUNK_BYTES) : rest;
    writeSync(file, chunk);
    hash.update(chunk);
  }
  closeSync(file);
  return { path, digest: `sha256:${hash.digest('hex')}` };
}

function speedSince(startedMs: number): number {
  return SIZE_MIB / ((performance.now() - startedMs) / 1000);
}
