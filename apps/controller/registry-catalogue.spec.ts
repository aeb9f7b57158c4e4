import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyedSigners, keyIdOf, writeBundle } from '#adapters/model-signing';
import type { FoundModel, FoundVersion } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import { NO_SIGNERS } from '#testing';
import { RegistryCatalogue, type VersionReader } from './registry-catalogue.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signers = new KeyedSigners([{ name: 'release-key', publicKey, keyId: keyIdOf(publicKey) }]);
const file = { path: 'model.onnx', digest: `sha256:${'a'.repeat(64)}`, sizeBytes: 1, downloadPath: '' };
const bundleOf = (number: number) =>
  writeBundle(
    { subject: `default/digits@${number}`, resources: [{ name: file.path, sha256: 'a'.repeat(64) }] },
    privateKey,
  );

/** A registry with versions 1 to 5 of `digits`, of which the third is withdrawn. */
const version = (number: number): FoundVersion =>
  ({
    namespace: 'default',
    model: 'digits',
    version: number,
    tombstone: number === 3 ? { by: 'ann', at: '', reason: 'trained on test data' } : null,
    inputs: [],
    outputs: [],
    variants: [{ target: 'CPU', precision: 'FP32', format: 'ONNX', producer: '', opsets: [], files: [file] }],
    signatures: number >= 4 ? [{ bundle: bundleOf(4) }] : [],
  }) as unknown as FoundVersion;
const served = [5, 4, 2, 1].map(version);
const reader: VersionReader = {
  version: async (_namespace, model, which) => {
    if (model !== 'digits') return null;
    if ('alias' in which) return which.alias === 'champion' ? version(4) : which.alias === 'old' ? version(3) : null;
    return which.version <= 5 ? version(which.version) : null;
  },
  model: async (_namespace, model) =>
    model === 'digits'
      ? ({ latestVersion: version(5), aliases: [{ alias: 'champion' }, { alias: 'old' }] } as unknown as FoundModel)
      : null,
  newestVersions: async (_namespace, _model, first) => ({
    totalCount: served.length,
    pageInfo: { hasNextPage: false, endCursor: null },
    nodes: served.slice(0, first),
  }),
  access: async () => ({ isAllowed: true, reason: '' }),
};
const neverRefused = (reason: string) => {
  throw new Error(reason);
};
const catalogue = new RegistryCatalogue(reader, NO_SIGNERS, neverRefused);
const chosen = async (...args: Parameters<RegistryCatalogue['select']>) => {
  const selection = await catalogue.select(...args);
  if (selection.kind !== 'found') return selection;
  const { servables, totalCount, missing } = selection;
  return { versions: servables.map((servable) => servable.version), totalCount, missing };
};

describe('RegistryCatalogue', () => {
  it('finds a version by its alias', async () => {
    expect(await catalogue.resolveAlias('default', 'digits', 'champion')).toMatchObject({
      kind: 'found',
      servable: { version: 4 },
    });
  });

  it.each([
    ['digits', 'newest', 'digits has no alias newest; it has champion, old'],
    ['digits', 'old', 'digits@3 was withdrawn: trained on test data'],
    ['letters', 'champion', 'the registry has no model letters in namespace default'],
  ])('says why %s has no %s that can be served', async (model, alias, reason) => {
    expect(await catalogue.resolveAlias('default', model, alias)).toEqual({ kind: 'missing', reason });
  });

  it('chooses the newest versions, and all up to the limit, newest first', async () => {
    expect(await chosen('default', 'digits', { kind: 'latest', count: 2 }, 16)).toEqual({
      versions: [5, 4],
      totalCount: 2,
      missing: [],
    });
    expect(await chosen('default', 'digits', { kind: 'all' }, 3)).toEqual({
      versions: [5, 4, 2],
      totalCount: 4,
      missing: [],
    });
  });

  it('chooses the versions that are named, and says which of them cannot be served', async () => {
    expect(await chosen('default', 'digits', { kind: 'specific', versions: [1, 9, 3, 5] }, 16)).toEqual({
      versions: [5, 1],
      totalCount: 2,
      missing: [
        { version: 9, reason: 'digits has no version 9; the newest is 5' },
        { version: 3, reason: 'digits@3 was withdrawn: trained on test data' },
      ],
    });
  });

  it('gives out only what one of those has signed who must have', async () => {
    const signed = new RegistryCatalogue(reader, signers, neverRefused);
    const signedBy = ['release-key'];
    expect(await signed.resolve('default', 'digits', 4, signedBy)).toMatchObject({
      kind: 'found',
      servable: { version: 4, signing: { signedBy, bundles: [bundleOf(4)] } },
    });
    expect(await signed.resolve('default', 'digits', 5, signedBy)).toEqual({
      kind: 'missing',
      isUnsigned: true,
      reason:
        'default/digits@5 must be signed by release-key: it is about default/digits@4, not about default/digits@5',
    });
    expect(await signed.resolve('default', 'digits', 5)).toMatchObject({ kind: 'found' });
    const selection = await signed.select('default', 'digits', { kind: 'latest', count: 3 }, 16, signedBy);
    expect(selection).toMatchObject({
      kind: 'found',
      servables: [{ version: 4 }],
      totalCount: 1,
      missing: [{ version: 5 }, { version: 2, reason: expect.stringContaining('has no signature') }],
    });
    const specific = await signed.select('default', 'digits', { kind: 'specific', versions: [2, 4] }, 16, signedBy);
    expect(specific).toMatchObject({ servables: [{ version: 4 }], totalCount: 1, missing: [{ version: 2 }] });
  });

  it('does not know while the registry is down', async () => {
    const down = async () => Promise.reject(new DomainError('REGISTRY_UNAVAILABLE', 'it is down'));
    const lost = new RegistryCatalogue(
      { version: down, model: down, newestVersions: down, access: down },
      NO_SIGNERS,
      neverRefused,
    );
    const unknown = { kind: 'unknown', reason: 'it is down' };
    expect(await lost.resolveAlias('default', 'digits', 'champion')).toEqual(unknown);
    expect(await lost.select('default', 'digits', { kind: 'all' }, 16)).toEqual(unknown);
    expect(await lost.select('default', 'digits', { kind: 'specific', versions: [1] }, 16)).toEqual(unknown);
  });

  it('tells what it is not shown from what is missing, and says so once until it is shown something', async () => {
    let refusal: 'hidden' | 'no key' | 'none' = 'hidden';
    const told: string[] = [];
    const strangers: VersionReader = {
      version: async (...args) => {
        if (refusal === 'no key') throw new DomainError('UNAUTHENTICATED', 'there is no such API key');
        return refusal === 'hidden' ? null : reader.version(...args);
      },
      model: async (...args) => (refusal === 'hidden' ? null : reader.model(...args)),
      newestVersions: async () => ({ totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] }),
      access: async (action, { namespace, model }) => ({
        isAllowed: refusal === 'none',
        reason: `anonymous may not ${action} on ${namespace}/${model}: no policy allows it`,
      }),
    };
    const asking = new RegistryCatalogue(strangers, NO_SIGNERS, (reason) => told.push(reason));
    const unknown = (why: string) => ({
      kind: 'unknown',
      reason: `the registry refuses this controller: ${why}; give it a key that may model.read and version.read, as SLIPWAY_REGISTRY_KEY`,
    });
    const hidden = unknown('anonymous may not version.read on default/digits: no policy allows it');
    expect(await asking.resolve('default', 'digits', 1)).toEqual(hidden);
    expect(await asking.resolveAlias('default', 'digits', 'champion')).toEqual(hidden);
    expect(await asking.select('default', 'digits', { kind: 'all' }, 16)).toEqual(hidden);
    expect(await asking.select('default', 'digits', { kind: 'specific', versions: [1] }, 16)).toEqual(hidden);
    expect(told).toEqual([hidden.reason]);

    refusal = 'none';
    expect(await asking.resolve('default', 'digits', 1)).toMatchObject({ kind: 'found' });
    expect(await asking.resolve('default', 'letters', 1)).toMatchObject({ kind: 'missing' });
    refusal = 'no key';
    const refused = unknown('there is no such API key');
    expect(await asking.resolve('default', 'digits', 1)).toEqual(refused);
    expect(await asking.resolve('default', 'digits', 2)).toEqual(refused);
    expect(told).toEqual([hidden.reason, refused.reason]);
  });
});
