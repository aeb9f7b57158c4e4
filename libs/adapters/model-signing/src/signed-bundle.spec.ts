import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDomainError } from '#domain/errors';
import { judgeSignature, requirementProblem, type SignableVersion, statementOf } from '#domain/signing';
import { KeyedSigners, keyIdOf, MAX_BUNDLE_BYTES, writeBundle } from './index.ts';

const KEYS: Readonly<Record<string, () => { publicKey: KeyObject; privateKey: KeyObject }>> = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  'ECDSA with P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ECDSA with P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'ECDSA with P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const version: SignableVersion = {
  namespace: 'payments',
  model: 'fraud',
  version: 3,
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      files: [
        { path: 'model.onnx', digest: digest('a') },
        { path: 'weights/model.data', digest: digest('b') },
      ],
    },
    { target: 'cuda', precision: 'fp16', files: [{ path: 'model.onnx', digest: digest('c') }] },
  ],
};
const [firstVariant] = version.variants;
const single: SignableVersion = { ...version, variants: firstVariant === undefined ? [] : [firstVariant] };
const ed25519 = generateKeyPairSync('ed25519');
const signerWith = (publicKey: KeyObject, models?: string[]) =>
  new KeyedSigners([{ name: 'release-key', publicKey, keyId: keyIdOf(publicKey), models }]);
const signers = signerWith(ed25519.publicKey);
const bundle = writeBundle(statementOf(version), ed25519.privateKey);

/** The bundle with another payload, not signed anew, and whatever else is changed in it. */
const changed = (change: (bundle: ReturnType<typeof parsed>) => void) => {
  const document = parsed();
  change(document);
  return JSON.stringify(document);
};
const parsed = () => JSON.parse(bundle);
const withPayload = (change: (statement: ReturnType<typeof parsed>) => void) =>
  changed((document) => {
    const statement = JSON.parse(Buffer.from(document.dsseEnvelope.payload, 'base64').toString());
    change(statement);
    document.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  });
describe('a bundle', () => {
  it.each(Object.entries(KEYS))('of a key of type %s is that of its signer', (_name, newKeys) => {
    const { publicKey, privateKey } = newKeys();
    for (const signed of [version, single]) {
      const made = writeBundle(statementOf(signed), privateKey);
      const verdict = judgeSignature(signerWith(publicKey), made, signed);
      expect(verdict).toEqual({ kind: 'signed', signer: 'release-key', keyId: keyIdOf(publicKey) });
      expect(judgeSignature(signers, made, signed)).toMatchObject({ kind: 'untrusted' });
    }
  });

  it('has one text, whatever is around it', () => {
    const dressed = changed((document) => {
      document.verificationMaterial = { publicKey: {}, timestampVerificationData: {} };
      document.more = 'x';
    });
    expect(signers.open(JSON.stringify(JSON.parse(dressed), undefined, 2)).text).toBe(bundle);
    expect(signers.open(bundle).text).toBe(bundle);
  });

  it('counts no more when any byte of what is signed, or of the signature, is another one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('payload' as const, 'sig' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (part, at, by) => {
          const text = changed(({ dsseEnvelope }) => {
            const holder = part === 'payload' ? dsseEnvelope : dsseEnvelope.signatures[0];
            const bytes = Buffer.from(holder[part], 'base64');
            const index = at % bytes.length;
            bytes[index] = (bytes[index] ?? 0) ^ by;
            holder[part] = bytes.toString('base64');
          });
          expect(judgeSignature(signers, text, version).kind).not.toBe('signed');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('counts for no version that differs in a name, a digest, a file or a variant', () => {
    const edits = fc.constantFrom(
      ...[
        (v: SignableVersion) => ({ ...v, version: v.version + 1 }),
        (v: SignableVersion) => ({ ...v, namespace: 'other' }),
        (v: SignableVersion) => ({ ...v, model: 'froud' }),
        (v: SignableVersion) => ({ ...v, variants: v.variants.slice(1) }),
        (v: SignableVersion) => ({
          ...v,
          variants: [...v.variants, { target: 'cpu', precision: 'int8', files: [{ path: 'm', digest: digest('d') }] }],
        }),
        ...['path', 'digest'].flatMap((field) =>
          [0, 1].map((at) => (v: SignableVersion) => ({
            ...v,
            variants: v.variants.map((variant) => ({
              ...variant,
              files: variant.files.map((file, index) =>
                index === at ? { ...file, [field]: field === 'path' ? `${file.path}x` : digest('f') } : file,
              ),
            })),
          })),
        ),
      ],
    );
    fc.assert(
      fc.property(edits, fc.constantFrom('all' as const, 'served' as const), (edit, scope) => {
        const other = edit(version);
        const isSubset = other.variants.length < version.variants.length && other.version === version.version;
        const expected = isSubset && scope === 'served' ? 'signed' : 'invalid';
        expect(judgeSignature(signers, bundle, other, scope).kind).toBe(expected);
      }),
    );
  });

  it('says what it does not cover', () => {
    const reasonOf = (other: SignableVersion) => {
      const verdict = judgeSignature(signers, bundle, other);
      return verdict.kind === 'invalid' ? verdict.reason : verdict.kind;
    };
    expect(reasonOf({ ...version, version: 4 })).toBe('it is about payments/fraud@3, not about payments/fraud@4');
    expect(reasonOf(single)).toBe('it names "cuda/fp16/model.onnx", which the version does not have');
    const [, cuda] = version.variants;
    const files = [
      { path: 'model.onnx', digest: digest('d') },
      { path: 'more', digest: digest('e') },
    ];
    expect(
      reasonOf({ ...version, variants: [{ target: 'cpu', precision: 'fp32', files }, ...(cuda ? [cuda] : [])] }),
    ).toBe(
      'it has another digest for "cpu/fp32/model.onnx"; it does not name "cpu/fp32/more"; it names "cpu/fp32/weights/model.data", which the version does not have',
    );
  });

  it('over a folder counts for a version with those files in one variant, whatever the folder is called', () => {
    const folder = writeBundle({ ...statementOf(single), subject: 'build-output' }, ed25519.privateKey);
    expect(judgeSignature(signers, folder, single).kind).toBe('signed');
    expect(judgeSignature(signers, folder, { ...single, version: 9 }).kind).toBe('signed');
    expect(judgeSignature(signers, folder, version).kind).toBe('invalid');
  });

  it('counts only for the models that its signer may sign for', () => {
    const verdictFor = (...models: string[]) => judgeSignature(signerWith(ed25519.publicKey, models), bundle, version);
    for (const models of [['payments/fraud'], ['payments/*'], ['*/fr*'], ['a/b', '*/*']]) {
      expect(verdictFor(...models).kind).toBe('signed');
    }
    expect(verdictFor('payments/fraudulent', 'pay/*')).toMatchObject({
      kind: 'untrusted',
      reason: 'release-key may not sign for payments/fraud',
    });
  });
});

describe('a requirement', () => {
  const problemOf = (signedBy: string[], bundles: string[], known = signers) =>
    requirementProblem(known, { signedBy, bundles }, version);

  it('is met by one of those who are named', () => {
    expect(problemOf(['security', 'release-key'], ['{}', bundle])).toBeUndefined();
  });

  it('is not met otherwise, and says why', () => {
    const must = 'payments/fraud@3 must be signed by';
    expect(problemOf(['release-key'], [])).toBe(`${must} release-key, and has no signature`);
    expect(problemOf(['security'], [bundle])).toBe(
      `${must} security, whose key is not known to this program: it knows release-key`,
    );
    expect(problemOf(['security'], [bundle], new KeyedSigners([]))).toBe(
      `${must} security, whose key is not known to this program: SLIPWAY_SIGNERS is not set`,
    );
    const other = generateKeyPairSync('ed25519');
    const both = new KeyedSigners([
      { name: 'release-key', publicKey: ed25519.publicKey, keyId: keyIdOf(ed25519.publicKey) },
      { name: 'security', publicKey: other.publicKey, keyId: keyIdOf(other.publicKey) },
    ]);
    expect(problemOf(['security'], [bundle], both)).toBe(`${must} security: it is signed by release-key`);
    const stranger = writeBundle(statementOf(version), generateKeyPairSync('ed25519').privateKey);
    expect(problemOf(['release-key'], [stranger])).toMatch(
      /release-key: key [0-9a-f]{16} is of none of the signers that are known here \(release-key\), or its signature is wrong$/,
    );
  });
});

/** What an attacker, or an accident, could give for a bundle. */
const HOSTILE: Readonly<Record<string, [text: string, reason: RegExp]>> = {
  nothing: ['', /it is no JSON/],
  text: ['hello', /it is no JSON/],
  'a list': ['[]', /it is no object/],
  null: ['null', /it is no object/],
  'the prototype': ['{"__proto__":{"mediaType":"x"}}', /mediaType is no text/],
  'deep nesting': ['['.repeat(MAX_BUNDLE_BYTES), /it is no/],
  'deep objects': [`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, /mediaType is no text/],
  'too much': [`${bundle}${' '.repeat(MAX_BUNDLE_BYTES)}`, /are the most/],
  'another version of the format': [
    changed((b) => {
      b.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
    }),
    /mediaType is/,
  ],
  'a certificate': [
    changed((b) => {
      b.verificationMaterial = { certificate: { rawBytes: 'AA==' } };
    }),
    /those of certificates are not/,
  ],
  'no material': [
    changed((b) => {
      b.verificationMaterial = undefined;
    }),
    /verificationMaterial is no object/,
  ],
  'a hint of another type': [
    changed((b) => {
      b.verificationMaterial.publicKey.hint = 7;
    }),
    /hint is no text/,
  ],
  'a message signature': [
    changed((b) => {
      b.dsseEnvelope = undefined;
      b.messageSignature = {};
    }),
    /dsseEnvelope is missing/,
  ],
  'no signature': [
    changed((b) => {
      b.dsseEnvelope.signatures = [];
    }),
    /signatures has 0 entries, not one/,
  ],
  'two signatures': [
    changed((b) => {
      b.dsseEnvelope.signatures.push(b.dsseEnvelope.signatures[0]);
    }),
    /has 2 entries, not one/,
  ],
  'a signature that is cut off': [
    changed((b) => {
      b.dsseEnvelope.signatures[0].sig = b.dsseEnvelope.signatures[0].sig.slice(0, -3);
    }),
    /sig is no base64, or is cut off/,
  ],
  'a payload that is cut off': [
    changed((b) => {
      b.dsseEnvelope.payload = b.dsseEnvelope.payload.slice(0, 41);
    }),
    /payload is no base64, or is cut off/,
  ],
  'a payload that is no UTF-8': [
    changed((b) => {
      b.dsseEnvelope.payload = '/w==';
    }),
    /is no UTF-8/,
  ],
  'a payload that is no JSON': [
    changed((b) => {
      b.dsseEnvelope.payload = 'aGVsbG8=';
    }),
    /the payload is no JSON/,
  ],
  'another type of payload': [
    changed((b) => {
      b.dsseEnvelope.payloadType = 'text/plain';
    }),
    /payloadType is not/,
  ],
  'another statement': [
    withPayload((s) => {
      s._type = 'https://in-toto.io/Statement/v0.1';
    }),
    /_type is/,
  ],
  'another predicate': [
    withPayload((s) => {
      s.predicateType = 'https://slsa.dev/provenance/v1';
    }),
    /predicateType is/,
  ],
  'the predicate of before v1.0': [
    withPayload((s) => {
      s.predicateType = 'https://model_signing/Digests/v0.1';
    }),
    /predicateType is/,
  ],
  'two subjects': [
    withPayload((s) => {
      s.subject.push(s.subject[0]);
    }),
    /subject has one entry/,
  ],
  shards: [
    withPayload((s) => {
      s.predicate.serialization.method = 'shards';
    }),
    /serialization.method is/,
  ],
  'another hash': [
    withPayload((s) => {
      s.predicate.resources[0].algorithm = 'blake2b';
    }),
    /resources\[0\].algorithm is/,
  ],
  'a digest in capitals': [
    withPayload((s) => {
      s.predicate.resources[0].digest = 'A'.repeat(64);
    }),
    /no SHA-256/,
  ],
  'a digest of another length': [
    withPayload((s) => {
      s.predicate.resources[0].digest = 'ab';
    }),
    /no SHA-256/,
  ],
  'a resource without a name': [
    withPayload((s) => {
      s.predicate.resources[0].name = undefined;
    }),
    /resources\[0\].name is no text/,
  ],
  'resources that are no list': [
    withPayload((s) => {
      s.predicate.resources = {};
    }),
    /resources is no list/,
  ],
  'a root digest of something else': [
    withPayload((s) => {
      s.subject[0].digest.sha256 = 'a'.repeat(64);
    }),
    /is not the digest of the resources/,
  ],
};

describe('what is no bundle', () => {
  it.each(Object.entries(HOSTILE))('such as %s, is refused, and told what is wrong', (_name, [text, reason]) => {
    const refusal = (() => {
      try {
        return signers.open(text);
      } catch (error) {
        return error;
      }
    })();
    expect(isDomainError(refusal, 'VERSION_SIGNATURE_INVALID') && refusal.message).toMatch(reason);
    expect(judgeSignature(signers, text, version)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(reason),
    });
  });

  it('that names a file twice covers nothing', () => {
    const { subject, resources } = statementOf(version);
    const twice = writeBundle({ subject, resources: [...resources, ...resources.slice(0, 1)] }, ed25519.privateKey);
    expect(judgeSignature(signers, twice, version)).toEqual({ kind: 'invalid', reason: 'it names a file twice' });
  });
});
