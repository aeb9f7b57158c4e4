export { readIssuersFile } from './issuers-file.ts';
export { JoseTokenVerifier, type TokenVerifierOptions } from './jose-token-verifier.ts';
export type { TokenIssuer } from './token-issuer.ts';
