import type { OpenedBundle, Signer, Signers } from '#domain/signing';
import { bundleText, readBundle } from './bundle-json.ts';
import { isSignedBy } from './dsse.ts';
import type { KeyObject } from './signing-key.ts';

/** A signer with the key that proves it. */
export interface KeyedSigner extends Signer {
  readonly publicKey: KeyObject;
}

/** Signers that are known by their public keys. */
export class KeyedSigners implements Signers {
  readonly #signers: readonly KeyedSigner[];

  constructor(signers: readonly KeyedSigner[]) {
    this.#signers = signers;
  }

  get names(): readonly string[] {
    return this.#signers.map(({ name }) => name);
  }

  open(bundle: string): OpenedBundle {
    const { statement, payload, signature, keyId } = readBundle(bundle);
    // A hint spares the other keys, and one that is wrong is no reason to believe the rest.
    const asked = this.#signers.filter((signer) => keyId === '' || signer.keyId === keyId);
    const signers = asked.filter(({ publicKey }) => isSignedBy(payload, signature, publicKey));
    const text = bundleText({ payload, signature, keyId: signers[0]?.keyId ?? keyId });
    return { statement, keyId, signers, text };
  }
}
