import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyedSigners, keyIdOf, writeBundle } from '#adapters/model-signing';
import { FsObjectStore } from '#adapters/object-store-fs';
import { DomainError } from '#domain/errors';
import { ANONYMOUS, type ModelName, type ModelVersion, type Namespace } from '#domain/registry';
import { type Signers, statementOf } from '#domain/signing';
import { digestOfBytes, NO_SIGNERS, openTestRegistry, type TestRegistry } from '#testing';

const name = { namespace: 'default' as Namespace, model: 'weights' as ModelName, version: 1 };
const remark = { by: ANONYMOUS, at: '2026-01-02T00:00:00.000Z', reason: '' };
const keys = ['first', 'second'].map((signer) => ({ signer, ...generateKeyPairSync('ed25519') }));
const [first, second] = keys;
const signers = new KeyedSigners(
  keys.map(({ signer, publicKey }) => ({ name: signer, publicKey, keyId: keyIdOf(publicKey) })),
);

let root: string;
let registry: TestRegistry;
let version: ModelVersion;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'slipway-sign-'));
  registry = await openTestRegistry(await FsObjectStore.open(root));
  const { namespace, model } = name;
  await registry.models.create(namespace, model, { labels: {} }, { actor: ANONYMOUS });
  const bytes = new TextEncoder().encode('weights');
  const file = { path: 'weights.bin', digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength };
  const { draft } = await registry.registration.declare({
    namespace,
    model,
    actor: ANONYMOUS,
    finalizes: false,
    idempotencyKey: undefined,
    metadata: { metrics: {}, parameters: {}, labels: {}, trainingData: [], parents: [] },
    variants: [{ target: 'cpu', precision: 'fp32', format: 'other', files: [file] }],
  });
  const place = { namespace, model, draftId: draft.id };
  await registry.registration.upload(place, file.digest, once(bytes), undefined);
  version = await registry.registration.finalize(place);
});
afterEach(() => rmSync(root, { recursive: true }));

async function* once(bytes: Uint8Array) {
  yield bytes;
}
const bundleBy = (key: KeyObject | undefined, of: ModelVersion = version) =>
  writeBundle(statementOf(of), key ?? generateKeyPairSync('ed25519').privateKey);
const sign = (bundle: string, by: Signers = signers, permit?: () => void) =>
  registry.governance.sign(name, bundle, { remark, signers: by }, permit);

describe('signing a version', () => {
  it('keeps every signature that comes at the same time', async () => {
    const other = await openTestRegistry(await FsObjectStore.open(root));
    await Promise.all([
      sign(bundleBy(first?.privateKey)),
      other.governance.sign(name, bundleBy(second?.privateKey), { remark, signers }),
    ]);
    await registry.log.catchUp();
    const { status } = await registry.lookup.requireVersion(name.namespace, name.model, name.version);
    expect(new Set(status.signatures?.map(({ bundle }) => bundle))).toEqual(
      new Set([bundleBy(first?.privateKey), bundleBy(second?.privateKey)]),
    );
  });

  it('takes what is about the version where no signer is known, and nothing else', async () => {
    const stranger = bundleBy(undefined);
    expect((await sign(stranger, NO_SIGNERS)).signatures).toMatchObject([{ bundle: stranger, by: ANONYMOUS }]);
    const otherVersion = bundleBy(undefined, { ...version, version: 2 });
    await expect(sign(otherVersion, NO_SIGNERS)).rejects.toMatchObject({ code: 'VERSION_SIGNATURE_INVALID' });
    await expect(sign('{}', NO_SIGNERS)).rejects.toMatchObject({ code: 'VERSION_SIGNATURE_INVALID' });
  });

  it('changes nothing for somebody unknown, or who may not', async () => {
    await expect(sign(bundleBy(undefined))).rejects.toMatchObject({ code: 'VERSION_SIGNATURE_INVALID' });
    const refuse = () => {
      throw new DomainError('ACCESS_DENIED', 'not you');
    };
    await expect(sign(bundleBy(first?.privateKey), signers, refuse)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    const { status } = await registry.lookup.requireVersion(name.namespace, name.model, name.version);
    expect(status.signatures).toBeUndefined();
  });

  it('outlives the changes that come after it', async () => {
    await sign(bundleBy(first?.privateKey));
    await registry.governance.deprecate(name, true, { ...remark, reason: 'old' });
    await registry.governance.annotate(name, { a: '1' }, remark);
    const { status } = await registry.lookup.requireVersion(name.namespace, name.model, name.version);
    expect(status).toMatchObject({ signatures: [{ by: ANONYMOUS }], deprecation: { reason: 'old' } });
  });
});
