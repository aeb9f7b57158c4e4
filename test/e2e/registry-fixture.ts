import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryClient, type VersionToDeclare } from '#adapters/registry-client';
import { RegistryProcess } from '../servers/registry-process.ts';

/** What GraphQL answers. */
export interface Reply {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

/** A registry program on a folder of its own. */
export interface RegistryFixture {
  readonly process: RegistryProcess;
  readonly client: RegistryClient;
  /** The folder of the bucket. */
  readonly storeDir: string;
  /** The file of the index. */
  readonly indexPath: string;
  graphql(query: string, variables?: object): Promise<Reply>;
  /** Registers a version of the model with one small file. @returns its number. */
  register(model: string, metadata?: Partial<VersionToDeclare>): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the built registry. */
export async function startRegistryFixture(settings: Readonly<Record<string, string>> = {}): Promise<RegistryFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-registry-'));
  const storeDir = join(folder, 'store');
  const indexPath = join(folder, 'index.db');
  const process = await RegistryProcess.start({
    SLIPWAY_STORE_DIR: storeDir,
    SLIPWAY_REGISTRY_INDEX: indexPath,
    ...settings,
  });
  const client = new RegistryClient(process.url);
  const bytes = Buffer.from('weights');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    process,
    client,
    storeDir,
    indexPath,
    graphql: (query, variables = {}) => postGraphql(process.url, { query, variables }),
    register: async (model, metadata = {}) => {
      await client.call('createModel', { input: { namespace: 'default', name: model } });
      const draft = await client.call('createVersion', {
        input: {
          model,
          ...metadata,
          variants: [{ format: 'OTHER', files: [{ path: 'weights.bin', digest, sizeBytes: bytes.byteLength }] }],
        },
      });
      for (const file of draft.files) {
        if (!file.isUploaded) await client.uploadBlob(file, (offset) => chunksOf(bytes.subarray(offset)));
      }
      return (await client.call('finalizeVersion', { namespace: 'default', model, draftId: draft.id })).version;
    },
    stop: async () => {
      await process.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends any JSON to a registry's GraphQL. @param key an API key to come with. */
export async function postGraphql(url: string, body: unknown, key?: string): Promise<Reply> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
