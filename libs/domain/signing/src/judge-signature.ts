import { isDomainError } from '#domain/errors';
import { type CoverageScope, coverageProblem } from './coverage.ts';
import { referenceOf, type SignableVersion } from './signed-statement.ts';
import { maySignFor, type Signers } from './signer.ts';

/** What is to be thought of a bundle that is said to sign a version. */
export type SignatureVerdict =
  /** A known signer, who may, has signed precisely this version. */
  | { readonly kind: 'signed'; readonly signer: string; readonly keyId: string }
  /** It is about this version, and of nobody who is known here or may sign this model. */
  | { readonly kind: 'untrusted'; readonly reason: string; readonly keyId: string }
  /** It is no bundle, or not about this version. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** Judges one bundle. Never throws. */
export function judgeSignature(
  signers: Signers,
  bundle: string,
  version: SignableVersion,
  scope?: CoverageScope,
): SignatureVerdict {
  try {
    const opened = signers.open(bundle);
    const problem = coverageProblem(opened.statement, version, scope);
    if (problem !== undefined) return { kind: 'invalid', reason: problem };
    const { keyId } = opened;
    const allowed = opened.signers.find((signer) => maySignFor(signer, version));
    if (allowed !== undefined) return { kind: 'signed', signer: allowed.name, keyId: allowed.keyId };
    const [known] = opened.signers;
    if (known === undefined) return { kind: 'untrusted', reason: unknownSigner(signers, keyId), keyId };
    const model = `${version.namespace}/${version.model}`;
    return { kind: 'untrusted', reason: `${known.name} may not sign for ${model}`, keyId: known.keyId };
  } catch (error) {
    if (isDomainError(error)) return { kind: 'invalid', reason: error.message };
    throw error;
  }
}

function unknownSigner({ names }: Signers, keyId: string): string {
  if (names.length === 0) return 'no signers are known here: SLIPWAY_SIGNERS names the file with their keys';
  const key = keyId === '' ? 'it' : `key ${keyId.slice(0, 16)}`;
  return `${key} is of none of the signers that are known here (${names.join(', ')}), or its signature is wrong`;
}

/** Who has to have signed a version, and what there is to show for it. */
export interface SignatureRequirement {
  /** Names of signers, of whom one is enough. */
  readonly signedBy: readonly string[];
  /** As they were attached to the version. */
  readonly bundles: readonly string[];
}

/** Why a version is not signed as it must be, in words; `undefined` when it is. */
export function requirementProblem(
  signers: Signers,
  { signedBy, bundles }: SignatureRequirement,
  version: SignableVersion,
  scope?: CoverageScope,
): string | undefined {
  const must = `${referenceOf(version)} must be signed by ${signedBy.join(' or ')}`;
  if (!signedBy.some((name) => signers.names.includes(name))) {
    const known = signers.names.length === 0 ? 'SLIPWAY_SIGNERS is not set' : `it knows ${signers.names.join(', ')}`;
    return `${must}, whose key is not known to this program: ${known}`;
  }
  if (bundles.length === 0) return `${must}, and has no signature`;
  const verdicts = bundles.map((bundle) => judgeSignature(signers, bundle, version, scope));
  if (verdicts.some((verdict) => verdict.kind === 'signed' && signedBy.includes(verdict.signer))) return undefined;
  const reasons = verdicts.map((verdict) =>
    verdict.kind === 'signed' ? `it is signed by ${verdict.signer}` : verdict.reason,
  );
  return `${must}: ${[...new Set(reasons)].join('; ')}`;
}
