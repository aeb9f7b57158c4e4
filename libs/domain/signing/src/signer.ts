import type { SignedStatement } from './signed-statement.ts';

/** Whose key may sign versions, and of which models. */
export interface Signer {
  readonly name: string;
  /** SHA-256 of the public key in PEM, in hexadecimal: how bundles hint at it. */
  readonly keyId: string;
  /** Patterns such as `payments/*`; absent: all models. */
  readonly models?: readonly string[] | undefined;
}

/** A bundle whose form is right. Nothing is said yet of what it covers. */
export interface OpenedBundle {
  readonly statement: SignedStatement;
  /** As the bundle hints, which is not signed; empty when it does not. */
  readonly keyId: string;
  /** Those whose key has made the signature. */
  readonly signers: readonly Signer[];
  /** The same bundle, without what is not needed: two with the same signature of somebody who is known have the same text. */
  readonly text: string;
}

/** The signers that a program trusts, and what reads their signatures. */
export interface Signers {
  /** Their names, for messages. */
  readonly names: readonly string[];
  /** @throws VERSION_SIGNATURE_INVALID when the text is no bundle, saying what is wrong with it. */
  open(bundle: string): OpenedBundle;
}

const PATTERN = /^([a-z0-9._-]+\*?|\*)\/([a-z0-9._-]+\*?|\*)$/;

/** Whether a text is a namespace and a model, of each of which the end may be left open: `payments/*`, `payments/fraud-*`. */
export function isModelPattern(text: string): boolean {
  return PATTERN.test(text);
}

/** Whether a signer may sign for a model. */
export function maySignFor(
  { models }: Pick<Signer, 'models'>,
  { namespace, model }: { readonly namespace: string; readonly model: string },
): boolean {
  if (models === undefined) return true;
  return models.some((pattern) => {
    const [ofNamespace = '', ofModel = ''] = pattern.split('/');
    return fits(ofNamespace, namespace) && fits(ofModel, model);
  });
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
