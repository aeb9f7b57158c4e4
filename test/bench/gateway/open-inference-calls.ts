import { ModelInferRequest, ModelInferResponse } from '#generated/inference/open_inference';
import type { Call, Reply, Way } from './call.ts';
import { type BenchTensor, bytesOf, numbersIn, type Workload } from './workload.ts';

/** Addresses of a server that speaks the Open Inference Protocol. */
export interface OpenInferenceAddresses {
  readonly url: string;
  /** Host and port. */
  readonly grpc: string;
}

/** Calls in the Open Inference Protocol, which Slipway and MLServer speak: the same bytes for both. */
export function openInferenceCall({ url, grpc }: OpenInferenceAddresses, { model, inputs }: Workload, way: Way): Call {
  const path = `${url}/v2/models/${model}/infer`;
  switch (way) {
    case 'json':
      return jsonCall(path, inputs);
    case 'binary':
      return binaryCall(path, inputs);
    case 'grpc':
      return grpcCall(grpc, model, inputs);
  }
}

/** A call with JSON tensors. */
export function jsonCall(url: string, inputs: readonly BenchTensor[]): Call {
  const body = Buffer.from(JSON.stringify({ inputs }));
  return { kind: 'http', url, headers: { 'content-type': 'application/json' }, body, decode: decodeJson };
}

interface InferReply {
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: BenchTensor['datatype'];
    readonly data: readonly number[];
    readonly parameters?: { readonly binary_data_size?: number };
  }[];
}

function decodeJson({ body }: Reply): Record<string, readonly number[]> {
  const { outputs } = JSON.parse(body.toString()) as InferReply;
  return Object.fromEntries(outputs.map(({ name, data }) => [name, data]));
}

/** The extension of Triton: a JSON header, then the tensors' bytes. */
function binaryCall(url: string, inputs: readonly BenchTensor[]): Call {
  const tensors = inputs.map(bytesOf);
  const described = inputs.map(({ name, datatype, shape }, index) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: tensors[index]?.length },
  }));
  const header = Buffer.from(JSON.stringify({ inputs: described, parameters: { binary_data_output: true } }));
  return {
    kind: 'http',
    url,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(header.length),
    },
    body: Buffer.concat([header, ...tensors]),
    decode: decodeBinary,
  };
}

function decodeBinary({ body, headers }: Reply): Record<string, readonly number[]> {
  let at = Number(headers['inference-header-content-length']);
  const { outputs } = JSON.parse(body.subarray(0, at).toString()) as InferReply;
  const decoded: Record<string, readonly number[]> = {};
  for (const { name, datatype, parameters } of outputs) {
    const end = at + (parameters?.binary_data_size ?? 0);
    decoded[name] = numbersIn(body.subarray(at, end), datatype);
    at = end;
  }
  return decoded;
}

/** Raw contents, the fast form of the protocol. */
function grpcCall(address: string, model: string, inputs: readonly BenchTensor[]): Call {
  const message = ModelInferRequest.create({
    modelName: model,
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(String), parameters: {} })),
    rawInputContents: inputs.map(bytesOf),
  });
  const body = Buffer.from(ModelInferRequest.encode(message).finish());
  return { kind: 'grpc', address, path: '/inference.GRPCInferenceService/ModelInfer', body, decode: decodeGrpc };
}

function decodeGrpc({ body }: Reply): Record<string, readonly number[]> {
  const { outputs, rawOutputContents } = ModelInferResponse.decode(body);
  return Object.fromEntries(
    outputs.map(({ name, datatype }, index) => {
      const bytes = Buffer.from(rawOutputContents[index] ?? []);
      return [name, numbersIn(bytes, datatype as BenchTensor['datatype'])];
    }),
  );
}
