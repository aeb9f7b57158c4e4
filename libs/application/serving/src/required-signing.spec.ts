import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyedSigners, keyIdOf, writeBundle } from '#adapters/model-signing';
import { statementOf } from '#domain/signing';
import { desiredRoute, ScriptedHost, servedVersion, turns } from '#testing';
import { type DesiredRoute, type ServedVersion, ServingSet } from './index.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signers = new KeyedSigners([{ name: 'release-key', publicKey, keyId: keyIdOf(publicKey) }]);
const signedBy = ['release-key'];
const signable = (served: ServedVersion) => ({ namespace: 'default', ...served });
/** A version that must be signed, with the signature of one that may be another. */
const signed = (number: number, like = servedVersion(number)): ServedVersion => ({
  ...servedVersion(number),
  signing: { modelNamespace: 'default', signedBy, bundles: [writeBundle(statementOf(signable(like)), privateKey)] },
});

let host: ScriptedHost;
let set: ServingSet;
let revision = 0;
beforeEach(() => {
  host = new ScriptedHost();
  set = new ServingSet({ ...host.parts, signers }, () => {});
});

const apply = async (route: DesiredRoute) => {
  revision += 1;
  set.apply({ revision, deployments: [route] });
  await turns();
};
const states = () =>
  set.reports.map(({ version, state }) => [version, state.kind === 'failed' ? state.code : state.kind]);

describe('a version that must be signed', () => {
  it('is loaded when it is', async () => {
    await apply(desiredRoute({ stable: signed(1) }));
    expect(states()).toEqual([[1, 'ready']]);
  });

  it.each([
    ['a signature of other bytes', signed(2, servedVersion(2, {}, 9))],
    ['the signature of another version', signed(2, servedVersion(1))],
    ['no signature', { ...servedVersion(2), signing: { modelNamespace: 'default', signedBy, bundles: [] } }],
    [
      'a signature for another namespace',
      { ...signed(2), signing: { ...signed(2).signing!, modelNamespace: 'other' } },
    ],
    ['a signer who is not known here', { ...signed(2), signing: { ...signed(2).signing!, signedBy: ['security'] } }],
  ])('is not loaded with %s, and what served serves on', async (_name, candidate) => {
    await apply(desiredRoute({ stable: signed(1) }));
    await apply(desiredRoute({ stable: signed(1), candidate, rolloutId: 'r', candidateWeightPercent: 50 }));
    expect(host.loads).toEqual([1]);
    expect(states()).toEqual([
      [1, 'ready'],
      [2, 'VERSION_NOT_SIGNED'],
    ]);
    expect(set.routes.get('m')).toMatchObject({ stable: { version: 1 } });
    expect(set.routes.get('m')?.candidate).toBeUndefined();
  });

  it('serves on until it is loaded anew, when it must be signed only from now on', async () => {
    await apply(desiredRoute({ stable: servedVersion(1) }));
    await apply(desiredRoute({ stable: { ...signed(1), signing: { ...signed(1).signing!, bundles: [] } } }));
    expect(set.routes.get('m')?.stable.version).toBe(1);
    expect(states()).toEqual([[1, 'VERSION_NOT_SIGNED']]);
    await apply(desiredRoute({ stable: signed(1) }));
    expect(host.loads).toEqual([1]);
  });

  it('is so by the gateway alone, too, whatever the route says', async () => {
    set = new ServingSet({ ...host.parts, signers, signedBy }, () => {});
    await apply(desiredRoute({ stable: servedVersion(1) }));
    expect(states()).toEqual([[1, 'VERSION_NOT_SIGNED']]);
    const bySomebody = { ...signed(1).signing!, signedBy: ['security'] };
    await apply(desiredRoute({ stable: { ...signed(1), signing: bySomebody } }));
    expect(states()).toEqual([[1, 'VERSION_NOT_SIGNED']]);
    await apply(desiredRoute({ stable: signed(1) }));
    expect(states()).toEqual([[1, 'ready']]);
  });

  it('may have variants that this gateway is not told of, if those that it is told of are signed whole', async () => {
    const other = { target: 'cuda', precision: 'fp16', format: 'onnx', files: servedVersion(8).variants[0]!.files };
    const whole = servedVersion(1, { variants: [...servedVersion(1).variants, other] });
    await apply(desiredRoute({ stable: signed(1, whole) }));
    expect(states()).toEqual([[1, 'ready']]);
  });
});
