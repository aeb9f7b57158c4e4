import { ModelInferResponse } from '#generated/inference/open_inference';

const NAME = 'slipway-fallback';

/** The parameters of an answer that stable gave because the candidate failed. Clients that see no headers learn of it by them. */
export const FALLBACK_PARAMETERS = { [NAME]: { parameterChoice: { $case: 'boolParam', value: true } } } as const;

/** The same as they stand in an answer's JSON, the comma behind included. */
export const FALLBACK_JSON = `"parameters":${JSON.stringify({ [NAME]: true })},`;

/** The same as field 4 of a `ModelInferResponse`, without its tag and length, which are a byte each. */
export const FALLBACK_ENTRY = ModelInferResponse.encode(
  ModelInferResponse.fromPartial({ parameters: FALLBACK_PARAMETERS }),
)
  .finish()
  .subarray(2);
