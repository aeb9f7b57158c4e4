import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { type AliasName, ANONYMOUS, type ModelName, type Namespace, parseSemanticVersion } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import type { DraftRequest } from './index.ts';

const namespace = 'default' as Namespace;
const model = 'digits' as ModelName;
const actor = ANONYMOUS;
const champion = 'champion' as AliasName;
const modelFile = (version: number) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../../../../test/models/digits/digits-${version}.onnx`)));

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A registry process of its own over the same folder. */
const openRegistry = async () => openTestRegistry(await FsObjectStore.open(root));

const requestFor = (bytes: Uint8Array, idempotencyKey?: string): DraftRequest => ({
  namespace,
  model,
  actor,
  finalizes: false,
  idempotencyKey,
  metadata: { metrics: { accuracy: 0.9 }, parameters: {}, labels: {}, trainingData: [], parents: [] },
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      format: 'onnx',
      files: [{ path: 'model.onnx', digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength }],
    },
  ],
});

let root: string;
let registry: TestRegistry;
let registration: TestRegistry['registration'];
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'registry-'));
  registry = await openRegistry();
  registration = registry.registration;
  await registry.models.create(namespace, model, { labels: {} }, { actor });
});

const nameOf = (draftId: string) => ({ namespace, model, draftId });
const finalize = (draftId: string) => registration.finalize(nameOf(draftId));

const draftWithBytes = async (bytes: Uint8Array, key?: string) => {
  const { draft } = await registration.declare(requestFor(bytes, key));
  await registration.upload({ namespace, model, draftId: draft.id }, digestOfBytes(bytes), once(bytes), undefined);
  return draft.id;
};

describe('registering a version', () => {
  it('gives the first number, with what was read from the file', async () => {
    const version = await finalize(await draftWithBytes(modelFile(1)));
    expect(version).toMatchObject({
      version: 1,
      metadata: { metrics: { accuracy: 0.9 } },
      signature: { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }] },
      variants: [{ target: 'cpu', opsets: { 'ai.onnx': 17 } }],
    });
    expect(registry.index.version(namespace, model, 1)).toMatchObject({ version, status: { stage: 'development' } });
  });

  it('is visible to nobody before it is finalised', async () => {
    await draftWithBytes(modelFile(1));
    expect(registry.index.latestNumber(namespace, model)).toBe(0);
  });

  it('repeated with one key, in any order and by two processes at once, makes one version', async () => {
    const bytes = modelFile(1);
    const { registration: other } = await openRegistry();
    const ids = await Promise.all([draftWithBytes(bytes, 'k'), draftWithBytes(bytes, 'k')]);
    expect(ids[0]).toBe(ids[1]);
    const finalised = await Promise.all(
      [registration, other, registration, other].map((process) => process.finalize(nameOf(ids[0]!))),
    );
    expect(new Set(finalised.map(({ version }) => version))).toEqual(new Set([1]));
    const again = await registration.declare(requestFor(bytes, 'k'));
    expect(again).toMatchObject({ version: { version: 1 }, missing: new Set() });
  });

  it('takes an upload for a draft that another process finalised meanwhile', async () => {
    const bytes = modelFile(1);
    const id = await draftWithBytes(bytes, 'k');
    const { registration: other } = await openRegistry();
    await other.finalize(nameOf(id));
    expect(await registration.upload(nameOf(id), digestOfBytes(bytes), once(bytes), undefined)).toBe(false);
  });

  it('declares as its version a draft that another process finalises in the same moment', async () => {
    const id = await draftWithBytes(modelFile(1), 'k');
    const store = await FsObjectStore.open(root);
    const racing = await openTestRegistry(store);
    const put = store.put.bind(store);
    store.put = async (key, bytes, condition) => {
      const written = put(key, bytes, condition);
      if (key.includes(id)) await written.catch(() => registration.finalize(nameOf(id)));
      return written;
    };
    const declared = await racing.registration.declare(requestFor(modelFile(1), 'k'));
    expect(declared).toMatchObject({ version: { version: 1 }, missing: new Set() });
  });

  it('by many at once gives dense, unique numbers', async () => {
    const { registration: other } = await openRegistry();
    const ids = await Promise.all(Array.from({ length: 24 }, () => draftWithBytes(modelFile(1))));
    const versions = await Promise.all(ids.flatMap((id) => [finalize(id), other.finalize(nameOf(id))]));
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
    await expect(registration.upload(place, digestOfBytes(declared), once(wrong), undefined)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    const short = declared.subarray(1);
    await expect(registration.upload(place, digestOfBytes(declared), once(short), undefined)).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
    await expect(registration.upload(place, digestOfBytes(wrong), once(wrong), undefined)).rejects.toMatchObject({
      code: 'FILE_NOT_DECLARED',
    });
    await expect(finalize(draft.id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  });

  it('refuses a file that is no model', async () => {
    const id = await draftWithBytes(new TextEncoder().encode('this is not a model'));
    await expect(finalize(id)).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
  });

  it.each(['../model.onnx', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', 'a\\b', '', 'ok/..', 'C:\\x'])(
    'refuses %j as the path of a file',
    async (path) => {
      const bytes = modelFile(1);
      const request = requestFor(bytes);
      const [variant] = request.variants;
      const files = [{ path, digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength }] as const;
      await expect(registration.declare({ ...request, variants: [{ ...variant!, files }] })).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        context: { field: 'input.variants[0].files[0].path' },
      });
    },
  );
});

describe('registering at once', () => {
  const atOnce = (idempotencyKey?: string) => ({ ...requestFor(modelFile(1), idempotencyKey), finalizes: true });

  it('needs one call when the bytes are there, and none of a draft', async () => {
    expect((await registration.declare(atOnce())).version).toBeUndefined();
    await finalize(await draftWithBytes(modelFile(1)));
    const { version } = await registration.declare(atOnce('again'));
    expect(version).toMatchObject({ version: 2, signature: { inputs: [{ name: 'pixels' }] } });
    expect(await registration.declare(atOnce('again'))).toMatchObject({ version: { version: 2 } });
  });

  it('by two processes with the same keys makes one version of each key', async () => {
    await finalize(await draftWithBytes(modelFile(1)));
    const { registration: other } = await openRegistry();
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
    const states = await Promise.all(
      keys.flatMap((key) => [registration.declare(atOnce(key)), other.declare(atOnce(key))]),
    );
    const numbers = states.map(({ version }) => version?.version ?? 0);
    expect([...new Set(numbers)].sort((left, right) => left - right)).toEqual(keys.map((_, index) => index + 2));
    for (let at = 0; at < numbers.length; at += 2) expect(numbers[at]).toBe(numbers[at + 1]);
  });

  it("refuses a declared signature that is not the file's", async () => {
    await draftWithBytes(modelFile(1));
    const spec = { name: 'pixels', datatype: 'FP32', shape: [-1, 63] } as const;
    const signature = { inputs: [spec], outputs: [spec] };
    await expect(registration.declare({ ...atOnce(), signature })).rejects.toMatchObject({
      code: 'SIGNATURE_MISMATCH',
    });
    expect(registry.index.latestNumber(namespace, model)).toBe(0);
  });

  it('gives a semantic version to one version only', async () => {
    await draftWithBytes(modelFile(1));
    const named = (word: string) => {
      const request = atOnce();
      return { ...request, metadata: { ...request.metadata, semanticVersion: parseSemanticVersion(word) } };
    };
    await registration.declare(named('1.0.0'));
    await expect(registration.declare(named('1.0.0'))).rejects.toMatchObject({ code: 'SEMANTIC_VERSION_TAKEN' });
    await expect(registration.declare(named('1.0.0+rebuilt'))).rejects.toMatchObject({
      code: 'SEMANTIC_VERSION_TAKEN',
    });
    expect((await registration.declare(named('1.0.1'))).version?.version).toBe(2);
  });
});

describe('formats that are not read', () => {
  it('are stored with the declared signature', async () => {
    const bytes = new TextEncoder().encode('weights');
    const [variant] = requestFor(bytes).variants;
    const spec = { name: 'x', datatype: 'FP32', shape: [-1, 4] } as const;
    const signature = { inputs: [spec], outputs: [spec] };
    const request = { ...requestFor(bytes), signature, variants: [{ ...variant!, format: 'safetensors' as const }] };
    const { draft } = await registration.declare(request);
    await registration.upload(nameOf(draft.id), digestOfBytes(bytes), once(bytes), undefined);
    expect(await finalize(draft.id)).toMatchObject({ signature, variants: [{ format: 'safetensors', opsets: {} }] });
  });
});

describe('aliases', () => {
  it('move by compare-and-swap and remember where they were', async () => {
    for (const file of [1, 2, 3]) await finalize(await draftWithBytes(modelFile(file)));
    const set = (version: number, expected?: number) =>
      registry.models.setAlias({ namespace, model, version, alias: champion, expected, actor });
    await set(1, 0);
    const races = await Promise.allSettled([set(2, 1), set(3, 1)]);
    expect(races.filter((race) => race.status === 'fulfilled')).toHaveLength(1);
    await expect(set(1, 1)).rejects.toMatchObject({ code: 'ALIAS_CONFLICT' });
    await expect(set(9)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    const winner = await registry.lookup.versionByAlias(namespace, model, champion);
    expect([2, 3]).toContain(winner?.version.version);
    expect(await registry.models.deleteAlias(namespace, model, champion, actor)).toBe(true);
    expect(await registry.models.deleteAlias(namespace, model, champion, actor)).toBe(false);
    expect(await registry.lookup.versionByAlias(namespace, model, champion)).toBeUndefined();
    await set(1);
    const moves = registry.index.alias(namespace, model, champion)?.history.map(({ version }) => version);
    expect(moves).toEqual([1, 0, winner?.version.version, 1]);
  });
});
