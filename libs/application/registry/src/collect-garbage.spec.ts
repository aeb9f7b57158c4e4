import { mkdtempSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ANONYMOUS, type ModelFile, type ModelName, type Namespace } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import { objectKeys } from './index.ts';

const namespace = 'default' as Namespace;
const model = 'weights' as ModelName;
const actor = ANONYMOUS;
const graceMs = 60_000;
const remark = { by: actor, at: new Date().toISOString(), reason: 'test' };

let root: string;
let registry: TestRegistry;
const open = async () =>
  openTestRegistry(await FsObjectStore.open(root), {
    grace: { blobMs: graceMs, draftMs: 10 * graceMs, tombstoneMs: 5 * graceMs },
  });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'garbage-'));
  registry = await open();
  await registry.models.create(namespace, model, { labels: {} }, { actor });
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (text: string): ModelFile => {
  const bytes = bytesOf(text);
  return { path: 'weights.bin', digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength };
};
const declare = (text: string, finalizes = false, idempotencyKey?: string) =>
  registry.registration.declare({
    namespace,
    model,
    actor,
    finalizes,
    idempotencyKey,
    metadata: { metrics: {}, parameters: {}, labels: {}, trainingData: [], parents: [] },
    variants: [{ target: 'cpu', precision: 'fp32', format: 'other', files: [fileOf(text)] }],
  });
async function* once(bytes: Uint8Array) {
  yield bytes;
}
const upload = async (text: string) => {
  const { draft } = await declare(text);
  const name = { namespace, model, draftId: draft.id };
  await registry.registration.upload(name, fileOf(text).digest, once(bytesOf(text)), undefined);
  return name;
};
/** Makes an object look as if it had been written so long ago. */
const age = (key: string, byMs: number) => {
  const at = new Date(Date.now() - byMs);
  utimesSync(join(root, key), at, at);
};
const blobOf = (text: string) => objectKeys.blob(fileOf(text).digest);
const markOf = (text: string) => objectKeys.condemned(fileOf(text).digest);
const isThere = async (text: string) => (await registry.blobs.sizeOf(fileOf(text).digest)) !== undefined;

/** An old blob whose registration was given up. */
const orphan = async (text: string) => {
  const { draftId } = await upload(text);
  age(objectKeys.draft(namespace, model, draftId), 11 * graceMs);
  age(blobOf(text), 11 * graceMs);
};
const collect = (isDryRun = false) => registry.collector.collect(isDryRun);

describe('collecting garbage', () => {
  it('condemns an old orphan first and removes it a grace period later', async () => {
    await orphan('a');
    const { digest } = fileOf('a');
    expect(await collect()).toMatchObject({ condemned: [digest], removed: [], abandonedDrafts: 1 });
    expect(await collect()).toMatchObject({ condemned: [], removed: [] });
    expect(await isThere('a')).toBe(true);
    age(markOf('a'), 2 * graceMs);
    expect(await collect()).toMatchObject({ removed: [digest], removedBytes: 1 });
    expect(await isThere('a')).toBe(false);
    expect(await collect()).toMatchObject({ condemned: [], removed: [], spared: [] });
  });

  it('leaves young blobs, those of open drafts and those of versions alone', async () => {
    await upload('young and declared');
    await upload('old and declared');
    age(blobOf('old and declared'), 5 * graceMs);
    await registry.registration.finalize(await upload('registered'));
    age(blobOf('registered'), 100 * graceMs);
    expect(await collect()).toMatchObject({ condemned: [], removed: [], abandonedDrafts: 0 });
  });

  it('tells in a dry run what it would do, and does nothing', async () => {
    await orphan('a');
    expect(await collect(true)).toMatchObject({ condemned: [fileOf('a').digest], abandonedDrafts: 1 });
    expect(await collect(true)).toMatchObject({ condemned: [fileOf('a').digest], abandonedDrafts: 1 });
  });

  it('keeps the files of a withdrawn version for their time, and then refuses to restore it', async () => {
    await registry.registration.finalize(await upload('a'));
    const name = { namespace, model, version: 1 };
    age(blobOf('a'), 100 * graceMs);
    await registry.governance.tombstone(name, { ...remark, at: new Date(Date.now() - 4 * graceMs).toISOString() });
    expect(await collect()).toMatchObject({ condemned: [] });
    await registry.governance.restore(name, remark);
    await registry.governance.tombstone(name, { ...remark, at: new Date(Date.now() - 6 * graceMs).toISOString() });
    expect(await collect()).toMatchObject({ condemned: [fileOf('a').digest] });
    age(markOf('a'), 2 * graceMs);
    expect(await collect()).toMatchObject({ removed: [fileOf('a').digest] });
    await expect(registry.governance.restore(name, remark)).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  });
});

describe('a registration beside a collection', () => {
  it('saves a condemned blob that it relies on', async () => {
    await orphan('a');
    await collect();
    const { version, missing } = await declare('a', true);
    expect([version?.version, missing.size]).toEqual([1, 0]);
    age(blobOf('a'), 100 * graceMs);
    expect(await collect()).toMatchObject({ condemned: [], removed: [] });
    expect(await isThere('a')).toBe(true);
  });

  it('is told to try again when the removal is near, and uploads anew once the blob is gone', async () => {
    await orphan('a');
    await collect();
    age(markOf('a'), 0.6 * graceMs);
    await expect(declare('a', true)).rejects.toMatchObject({ code: 'BLOB_CONDEMNED', isRetryable: true });
    age(markOf('a'), 2 * graceMs);
    await collect();
    expect((await declare('a', true)).missing.size).toBe(1);
  });

  it('that uploaded the bytes again after the condemnation keeps them', async () => {
    await orphan('a');
    await collect();
    const mark = markOf('a');
    age(mark, 2 * graceMs);
    age(blobOf('a'), 0);
    expect(await collect()).toMatchObject({ removed: [], spared: [fileOf('a').digest] });
    expect(await isThere('a')).toBe(true);
  });
});

describe('an upload that is cut off', () => {
  const text = 'x'.repeat(20 * 1024 * 1024);
  const bytes = bytesOf(text);
  const file = fileOf(text);
  const cutAt = (end: number) =>
    (async function* () {
      for (let at = 0; at < end; at += 1 << 20) yield bytes.subarray(at, Math.min(end, at + (1 << 20)));
      throw new Error('the connection broke');
    })();

  it('goes on at another replica where it was', async () => {
    const { draft } = await declare(text);
    await expect(registry.uploads.append(draft.id, file, 0, cutAt(11_000_000))).rejects.toThrow('the connection broke');
    const other = await open();
    const { receivedBytes } = await other.uploads.progress(draft.id, file);
    expect(receivedBytes).toBe(11_000_000);
    await expect(other.uploads.append(draft.id, file, 5, once(bytes))).rejects.toMatchObject({
      code: 'UPLOAD_OFFSET_WRONG',
      context: { receivedBytes },
    });
    const done = await other.uploads.append(draft.id, file, receivedBytes, once(bytes.subarray(receivedBytes)));
    expect(done).toEqual({ receivedBytes: file.sizeBytes, isComplete: true });
    expect(await other.registration.finalize({ namespace, model, draftId: draft.id })).toMatchObject({ version: 1 });
    expect(await other.uploads.progress(draft.id, file)).toMatchObject({ isComplete: true });
  });

  it('at the very end, with all its bytes there, is put together when it is asked for again', async () => {
    const { draft } = await declare(text);
    for (const [at, end] of [
      [0, 9 << 20],
      [9 << 20, bytes.byteLength],
    ] as const) {
      const store = await FsObjectStore.open(root);
      await store.put(objectKeys.segment(draft.id, file.digest, at), bytes.subarray(at, end));
    }
    expect(await registry.uploads.progress(draft.id, file)).toEqual({
      receivedBytes: file.sizeBytes,
      isComplete: false,
    });
    const nothing = () => once(new Uint8Array());
    const asked = [1, 2].map(() => registry.uploads.append(draft.id, file, file.sizeBytes, nothing()));
    expect(await Promise.all(asked)).toMatchObject([{ isComplete: true }, { isComplete: true }]);
    expect(await isThere(text)).toBe(true);
  });

  it('is not undone by the request before, which still flushes what it got', async () => {
    const { draft } = await declare(text);
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const late = registry.uploads.append(
      draft.id,
      file,
      0,
      (async function* () {
        yield bytes.subarray(0, 1000);
        await arrived;
        throw new Error('the connection broke');
      })(),
    );
    await expect(registry.uploads.append(draft.id, file, 0, cutAt(9 << 20))).rejects.toThrow('the connection broke');
    arrive();
    await expect(late).rejects.toMatchObject({ code: 'UPLOAD_OFFSET_WRONG' });
    const { receivedBytes } = await registry.uploads.progress(draft.id, file);
    expect(receivedBytes).toBe(9 << 20);
    const done = await registry.uploads.append(draft.id, file, receivedBytes, once(bytes.subarray(receivedBytes)));
    expect(done.isComplete).toBe(true);
  });

  it('with other bytes than declared keeps nothing', async () => {
    const { draft } = await declare(text);
    const wrong = bytes.slice();
    wrong[7] = 0;
    await expect(registry.uploads.append(draft.id, file, 0, once(wrong))).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect(await registry.uploads.progress(draft.id, file)).toEqual({ receivedBytes: 0, isComplete: false });
    const longer = once(bytesOf(`${text}y`));
    await expect(registry.uploads.append(draft.id, file, 0, longer)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
  });

  it('leaves pieces that the collection removes when its registration is given up', async () => {
    const { draft } = await declare(text);
    await registry.uploads.append(draft.id, file, 0, cutAt(3_000_000)).catch(() => {});
    expect(await collect()).toMatchObject({ removedSegments: 0 });
    age(objectKeys.draft(namespace, model, draft.id), 11 * graceMs);
    age(objectKeys.segment(draft.id, file.digest, 0), 2 * graceMs);
    expect(await collect()).toMatchObject({ removedSegments: 1, abandonedDrafts: 1 });
  });
});

it('bytes that changed in the store are not given out whole', async () => {
  await registry.registration.finalize(await upload('abc'));
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(root, blobOf('abc')), 'abd');
  const read = async () => {
    for await (const _ of (await registry.blobs.verifiedStream(fileOf('abc').digest)) ?? []);
  };
  await expect(read()).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
});
