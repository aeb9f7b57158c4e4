export { MAX_BUNDLE_BYTES, writeBundle } from './bundle-json.ts';
export { type KeyedSigner, KeyedSigners } from './keyed-signers.ts';
export { readSignersFile } from './signers-file.ts';
export { keyIdOf, readPrivateKey, readPublicKey } from './signing-key.ts';
