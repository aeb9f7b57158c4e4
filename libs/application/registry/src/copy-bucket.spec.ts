import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ANONYMOUS, type ModelName, type Namespace, parseAliasName, type SemanticVersion } from '#domain/registry';
import { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from '#testing';
import { backupBucket, objectKeys, restoreBucket, verifyBucket } from './index.ts';

const namespace = 'default' as Namespace;
const model = 'weights' as ModelName;
const actor = ANONYMOUS;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const parts = {
  codec: new JsonRecordCodec(),
  newDigest: sha256,
  now: () => '2026-01-01T00:00:00.000Z',
  randomId: () => 'restored',
};
const silent = { copied() {} };
const folder = () => mkdtempSync(join(tmpdir(), 'copy-'));
const open = (root: string) => FsObjectStore.open(root);

async function register(registry: TestRegistry, text: string, semanticVersion?: string) {
  const bytes = bytesOf(text);
  const file = { path: 'weights.bin', digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength };
  const declared = {
    namespace,
    model,
    actor,
    finalizes: false,
    idempotencyKey: text,
    metadata: {
      ...(semanticVersion === undefined ? {} : { semanticVersion: semanticVersion as SemanticVersion }),
      metrics: { accuracy: 0.5 },
      parameters: {},
      labels: { text },
      trainingData: [],
      parents: [],
    },
    variants: [{ target: 'cpu', precision: 'fp32', format: 'other', files: [file] }] as never,
  };
  const { draft } = await registry.registration.declare(declared);
  const name = { namespace, model, draftId: draft.id };
  await registry.registration.upload(
    name,
    file.digest,
    (async function* () {
      yield bytes;
    })(),
    undefined,
  );
  return registry.registration.finalize(name);
}

let root: string;
let registry: TestRegistry;
const champion = parseAliasName('champion');
beforeEach(async () => {
  root = folder();
  registry = await openTestRegistry(await open(root));
  await registry.models.create(namespace, model, { labels: {} }, { actor });
  await register(registry, 'one', '1.0.0');
  await register(registry, 'two');
  await registry.models.setAlias({ namespace, model, alias: champion, version: 1, expected: undefined, actor });
  await (await open(root)).put('rollouts/default/x/journal.json', bytesOf('{}'));
});

const backUp = async (target: string) => backupBucket(await open(root), await open(target), parts, silent);
const verify = async (at: string, isQuick = false) =>
  verifyBucket(await open(at), { ...parts, isQuick, onProgress() {} });

describe('a backup', () => {
  it('is a bucket of its own that verifies, and can be restored into an empty one', async () => {
    const target = folder();
    expect(await backUp(target)).toMatchObject({ versions: 2, blobs: 2, copiedBlobs: 2, copiedBytes: 6 });
    expect(await verify(target)).toMatchObject({ versions: 2, readBytes: 6, unreferencedBlobs: 0, problems: [] });

    const restored = folder();
    await restoreBucket(await open(target), await open(restored), parts, silent);
    expect((await verify(restored)).problems).toEqual([]);
    const again = await openTestRegistry(await open(restored));
    expect(again.index.alias(namespace, model, champion)?.version).toBe(1);
    expect(again.index.version(namespace, model, 2)).toEqual(registry.index.version(namespace, model, 2));
    expect(readFileSync(join(restored, 'rollouts/default/x/journal.json'), 'utf8')).toBe('{}');
    expect(JSON.parse(readFileSync(join(restored, objectKeys.identity), 'utf8'))).toMatchObject({ id: 'restored' });
    // The restored registry goes on: repeated registrations are known, numbers and semantic versions are taken.
    expect(await register(again, 'two')).toMatchObject({ version: 2 });
    expect(await register(again, 'three')).toMatchObject({ version: 3 });
    await expect(register(again, 'four', '1.0.0')).rejects.toThrow(/1\.0\.0/);
  });

  it('is brought up to date by repeating it, and copies only what is new', async () => {
    const target = folder();
    await backUp(target);
    await register(registry, 'three');
    await registry.models.setAlias({ namespace, model, alias: champion, version: 3, expected: undefined, actor });
    expect(await backUp(target)).toMatchObject({ versions: 3, copiedBlobs: 1, copiedBytes: 5 });
    expect((await verify(target)).problems).toEqual([]);
  });

  it('is whole although versions are registered meanwhile', async () => {
    const target = folder();
    let isDone = false;
    const writing = (async () => {
      for (let at = 0; !isDone; at += 1) {
        await register(registry, `meanwhile ${at}`);
        const version = 1 + (at % 2);
        await registry.models.setAlias({ namespace, model, alias: champion, version, expected: undefined, actor });
      }
    })();
    for (let run = 0; run < 5; run += 1) {
      await backUp(target);
      expect((await verify(target)).problems).toEqual([]);
    }
    isDone = true;
    await writing;
  });

  it('is refused from nothing, over another bucket, and over a registry', async () => {
    const empty = await open(folder());
    const other = folder();
    await openTestRegistry(await open(other));
    await expect(backupBucket(empty, await open(folder()), parts, silent)).rejects.toThrow(/no registry in the bucket/);
    await expect(backUp(other)).rejects.toThrow(/another bucket/);
    await expect(restoreBucket(empty, await open(folder()), parts, silent)).rejects.toThrow(/no finished backup/);
    await expect(restoreBucket(await open(root), await open(other), parts, silent)).rejects.toThrow(/empty one/);
  });

  it('does not copy damaged bytes', async () => {
    writeFileSync(join(root, objectKeys.blob(digestOfBytes(bytesOf('one')))), 'oné');
    await expect(backUp(folder())).rejects.toThrow(/no longer have their digest/);
  });
});

describe('verifying a bucket', () => {
  const blob = () => join(root, objectKeys.blob(digestOfBytes(bytesOf('one'))));
  const record = (key: string) => join(root, key);
  const edit = (key: string, changes: Record<string, unknown>) => {
    writeFileSync(record(key), JSON.stringify({ ...JSON.parse(readFileSync(record(key), 'utf8')), ...changes }));
  };
  const first = objectKeys.version(namespace, model, 1);
  const alias = objectKeys.alias(namespace, model, champion);

  it('finds nothing wrong with a good one', async () => {
    expect(await verify(root)).toMatchObject({ versions: 2, blobs: 2, readBytes: 6, problems: [] });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a flipped bit',
      () => writeFileSync(blob(), 'onf'),
      /^blobs\/.* holds bytes of sha256:.*default\/weights@1 needs it/,
    ],
    ['a cut blob', () => writeFileSync(blob(), 'on'), /has 2 bytes, default\/weights@1 says 3/],
    ['a lost blob', () => rmSync(blob()), /is missing; default\/weights@1 needs it/],
    ['a lost record', () => rmSync(record(first)), /versions\/1\.json is in the log but not in the bucket/],
    ['a torn record', () => writeFileSync(record(first), '{"namespace":'), /versions\/1\.json/],
    ['a changed record', () => edit(first, { createdBy: 'mallory' }), /differs from what the log says/],
    ['an old record', () => edit(alias, { revision: 0 }), /champion\.json/],
    [
      'a record from nowhere',
      () => writeFileSync(record(first.replace('1.json', '7.json')), '{}'),
      /7\.json is in the bucket but not in the log/,
    ],
    ['a gap in the log', () => rmSync(record(objectKeys.batch(2))), /cannot be reached: the log ends at 1/],
    ['a torn log', () => writeFileSync(record(objectKeys.batch(2)), '{'), /^log/],
    ['a lost identity', () => rmSync(record(objectKeys.identity)), /slipway\.json is missing/],
  ])('names %s', async (_name, damage, message) => {
    damage();
    const { problems } = await verify(root);
    expect(problems.map(({ key, message: text }) => `${key} ${text}`).join('\n')).toMatch(
      new RegExp(message.source, 'm'),
    );
  });

  it('leaves bytes unread when it has to be quick', async () => {
    writeFileSync(blob(), 'onf');
    expect(await verify(root, true)).toMatchObject({ readBytes: 0, problems: [] });
  });
});
