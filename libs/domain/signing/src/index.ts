export { type CoverageScope, coverageProblem } from './coverage.ts';
export {
  judgeSignature,
  requirementProblem,
  type SignatureRequirement,
  type SignatureVerdict,
} from './judge-signature.ts';
export {
  referenceOf,
  type SignableVariant,
  type SignableVersion,
  type SignedResource,
  type SignedStatement,
  statementOf,
} from './signed-statement.ts';
export { isModelPattern, maySignFor, type OpenedBundle, type Signer, type Signers } from './signer.ts';
