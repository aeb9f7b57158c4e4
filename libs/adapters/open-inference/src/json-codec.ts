import type { InferenceRequest, InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { decodeJsonTensor, encodeJsonData, type JsonInput } from './json-tensor.ts';

/** A request body, decoded; the model is named by the URL. */
export type DecodedBody = Pick<InferenceRequest, 'inputs' | 'outputNames'> & { readonly id: string | undefined };

const MAX_TENSORS = 1000;

/**
 * Decodes the JSON body of an inference request.
 *
 * @throws REQUEST_MALFORMED when it is not JSON or not of the protocol's form
 * @throws TENSOR_INVALID when an input contradicts itself
 * @throws UNSUPPORTED for extensions that this server does not have
 * @see Open Inference Protocol v2, "Inference Request JSON Object"
 */
export function decodeJsonRequest(body: Buffer): DecodedBody {
  const { id, inputs, outputs, parameters } = parseObject(body);
  if (id !== undefined && typeof id !== 'string') throw malformed('id', 'must be a string');
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw malformed('inputs', 'must be an array with at least one tensor');
  if (inputs.length > MAX_TENSORS) throw malformed('inputs', `must have at most ${MAX_TENSORS} tensors`);
  refuseExtensions(parameters, 'parameters');
  return {
    id,
    inputs: inputs.map((input: JsonInput, index) => {
      refuseExtensions(input?.parameters, `inputs[${index}].parameters`);
      return decodeJsonTensor(input, `inputs[${index}]`);
    }),
    outputNames: decodeOutputs(outputs),
  };
}

/** Encodes an answer; the tensors' bytes become text once, and nothing else is copied. */
export function encodeJsonResponse(result: InferenceResult, id: string | undefined): string {
  const outputs = result.outputs.map((tensor) => {
    const { name, datatype, shape } = tensor;
    return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],"data":${encodeJsonData(tensor)}}`;
  });
  const head = `"model_name":${JSON.stringify(result.modelName)},"model_version":"${result.modelVersion}"`;
  const echo = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  return `{${echo}${head},"outputs":[${outputs.join(',')}]}`;
}

function parseObject(body: Buffer): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new DomainError('REQUEST_MALFORMED', `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as Record<string, unknown>;
  throw new DomainError('REQUEST_MALFORMED', 'the body must be a JSON object with `inputs`');
}

function decodeOutputs(outputs: unknown): string[] {
  if (outputs === undefined) return [];
  if (!Array.isArray(outputs) || outputs.length > MAX_TENSORS)
    throw malformed('outputs', 'must be an array of objects');
  return outputs.map((output: { name?: unknown; parameters?: unknown } | null, index) => {
    if (typeof output?.name !== 'string') throw malformed(`outputs[${index}].name`, 'must be a string');
    refuseExtensions(output.parameters, `outputs[${index}].parameters`);
    return output.name;
  });
}

/** Parameters are hints, and unknown ones are left alone; these change the answer, so ignoring them would give a wrong one. */
function refuseExtensions(parameters: unknown, field: string): void {
  if (typeof parameters !== 'object' || parameters === null) return;
  for (const name of ['binary_data', 'binary_data_size', 'binary_data_output', 'classification']) {
    const value = (parameters as Record<string, unknown>)[name];
    if (value === undefined || value === false || value === 0) continue;
    const advice = name.startsWith('binary') ? 'send and ask for JSON, or use gRPC' : 'ask for the tensor itself';
    throw new DomainError('UNSUPPORTED', `${field}.${name}: this server does not have the extension: ${advice}`, {
      field,
    });
  }
}

function malformed(field: string, problem: string): DomainError {
  return new DomainError('REQUEST_MALFORMED', `${field} ${problem}`, { field });
}
