import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FormatInspector } from '#adapters/model-format-onnx';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { Digest, ModelName, Namespace } from '#domain/registry';
import {
  Blobs,
  type DraftRequest,
  ManageModels,
  type NewDigest,
  type ObjectStore,
  RegisterVersion,
  RegistryRecords,
} from './index.ts';

const namespace = 'default' as Namespace;
const model = 'digits' as ModelName;
const modelFile = (version: number) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../../../../test/models/digits/digits-${version}.onnx`)));
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
const newDigest: NewDigest = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => `sha256:${hash.digest('hex')}` as Digest };
};

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

let store: ObjectStore;
let models: ManageModels;

/** A registry process of its own over the same folder. */
async function openRegistry(root: string) {
  store = await FsObjectStore.open(root);
  const records = new RegistryRecords(store, new JsonRecordCodec());
  const now = () => new Date(0).toISOString();
  models = new ManageModels(records, now);
  const blobs = new Blobs(store, newDigest);
  return new RegisterVersion({
    records,
    blobs,
    inspector: new FormatInspector(),
    newDigest,
    now,
    randomId: randomUUID,
  });
}

const requestFor = (bytes: Uint8Array, idempotencyKey?: string): DraftRequest => ({
  namespace,
  model,
  idempotencyKey,
  metadata: { metrics: { accuracy: 0.9 }, parameters: {}, labels: {}, trainingData: [], parents: [] },
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      format: 'onnx',
      files: [{ path: 'model.onnx', digest: digestOf(bytes), sizeBytes: bytes.byteLength }],
    },
  ],
});

let root: string;
let registration: RegisterVersion;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'registry-'));
  registration = await openRegistry(root);
  await models.create({ namespace, name: model, labels: {} });
});

const draftWithBytes = async (bytes: Uint8Array, key?: string) => {
  const { draft } = await registration.declare(requestFor(bytes, key));
  await registration.upload({ namespace, model, draftId: draft.id }, digestOf(bytes), once(bytes), undefined);
  return draft.id;
};

describe('registering a version', () => {
  it('gives the first number, with what was read from the file', async () => {
    const version = await registration.finalize(namespace, model, await draftWithBytes(modelFile(1)));
    expect(version).toMatchObject({
      version: 1,
      metadata: { metrics: { accuracy: 0.9 } },
      signature: { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }] },
      variants: [{ target: 'cpu', opsets: { 'ai.onnx': 17 } }],
    });
    expect(await models.latestVersion(namespace, model)).toEqual(version);
  });

  it('is visible to nobody before it is finalised', async () => {
    await draftWithBytes(modelFile(1));
    expect((await models.versions(namespace, model, { first: 10, after: undefined })).totalCount).toBe(0);
  });

  it('repeated with one key, in any order and by two processes at once, makes one version', async () => {
    const bytes = modelFile(1);
    const other = await openRegistry(root);
    const ids = await Promise.all([draftWithBytes(bytes, 'k'), draftWithBytes(bytes, 'k')]);
    expect(ids[0]).toBe(ids[1]);
    const finalised = await Promise.all(
      [registration, other, registration, other].map((process) => process.finalize(namespace, model, ids[0]!)),
    );
    expect(new Set(finalised.map(({ version }) => version))).toEqual(new Set([1]));
    const again = await registration.declare(requestFor(bytes, 'k'));
    expect(again).toMatchObject({ version: { version: 1 }, missing: new Set() });
  });

  it('by many at once gives dense, unique numbers', async () => {
    const other = await openRegistry(root);
    const ids = await Promise.all(Array.from({ length: 24 }, () => draftWithBytes(modelFile(1))));
    const versions = await Promise.all(
      ids.flatMap((id) => [registration.finalize(namespace, model, id), other.finalize(namespace, model, id)]),
    );
    const numbers = [...new Set(versions.map(({ version }) => version))].sort((left, right) => left - right);
    expect(numbers).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
  });

  it('with bytes that were uploaded before needs no upload', async () => {
    await draftWithBytes(modelFile(1));
    expect((await registration.declare(requestFor(modelFile(1)))).missing.size).toBe(0);
  });

  it('refuses a key that was used with other content', async () => {
    await registration.declare(requestFor(modelFile(1), 'k'));
    await expect(registration.declare(requestFor(modelFile(2), 'k'))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('refuses other bytes than declared, and keeps nothing of them', async () => {
    const declared = modelFile(1);
    const { draft } = await registration.declare(requestFor(declared));
    const place = { namespace, model, draftId: draft.id };
    const wrong = declared.slice();
    wrong[10] = (wrong[10] ?? 0) ^ 1;
    await expect(registration.upload(place, digestOf(declared), once(wrong), undefined)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    const short = declared.subarray(1);
    await expect(registration.upload(place, digestOf(declared), once(short), undefined)).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
    await expect(registration.upload(place, digestOf(wrong), once(wrong), undefined)).rejects.toMatchObject({
      code: 'FILE_NOT_DECLARED',
    });
    await expect(registration.finalize(namespace, model, draft.id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  });

  it('refuses a file that is no model', async () => {
    const id = await draftWithBytes(new TextEncoder().encode('this is not a model'));
    await expect(registration.finalize(namespace, model, id)).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
  });

  it.each(['../model.onnx', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', 'a\\b', '', 'ok/..', 'C:\\x'])(
    'refuses %j as the path of a file',
    async (path) => {
      const bytes = modelFile(1);
      const request = requestFor(bytes);
      const [variant] = request.variants;
      const files = [{ path, digest: digestOf(bytes), sizeBytes: bytes.byteLength }] as const;
      await expect(registration.declare({ ...request, variants: [{ ...variant!, files }] })).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        context: { field: 'variants[0].files[0].path' },
      });
    },
  );
});

describe('aliases', () => {
  it('move by compare-and-swap: of two movers from one state one wins', async () => {
    for (const file of [1, 2, 3]) await registration.finalize(namespace, model, await draftWithBytes(modelFile(file)));
    const set = (version: number, expected?: number) =>
      models.setAlias({ namespace, model, version }, 'champion' as never, expected);
    await set(1, 0);
    const races = await Promise.allSettled([set(2, 1), set(3, 1)]);
    expect(races.filter((race) => race.status === 'fulfilled')).toHaveLength(1);
    await expect(set(1, 1)).rejects.toMatchObject({ code: 'ALIAS_CONFLICT' });
    await expect(set(9)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    const winner = await models.versionByAlias(namespace, model, 'champion' as never);
    expect([2, 3]).toContain(winner?.version);
  });
});

describe('pages', () => {
  it('follow each other without gaps, newest first', async () => {
    for (const file of [1, 2, 3]) await registration.finalize(namespace, model, await draftWithBytes(modelFile(file)));
    const first = await models.versions(namespace, model, { first: 2, after: undefined });
    const second = await models.versions(namespace, model, { first: 2, after: first.endCursor });
    expect([first, second].map((page) => page.nodes.map(({ version }) => version))).toEqual([[3, 2], [1]]);
    expect([first.hasNextPage, second.hasNextPage]).toEqual([true, false]);
    await expect(models.versions(namespace, model, { first: 0, after: undefined })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});
