import type { LoggedInference } from '#application/serving';
import type { Tensor } from '#domain/inference';
import { encodeJsonData } from './json-tensor.ts';

/**
 * An inference as one line of JSON: request and answer in the protocol's own form, with what is known of them around it.
 *
 * @param maxTensorBytes larger tensors are written without their elements.
 */
export function encodePayload(inference: LoggedInference, maxTensorBytes: number): string {
  const { modelName, version, requestId, inputs, outputNames, outputs, redact } = inference;
  const tensors = (all: readonly Tensor[]) =>
    `[${all.map((tensor) => encodeTensor(tensor, redact, maxTensorBytes)).join(',')}]`;
  const id = requestId === undefined ? '' : `"id":${JSON.stringify(requestId)},`;
  const wanted = outputNames.length === 0 ? '' : `,"outputs":${JSON.stringify(outputNames.map((name) => ({ name })))}`;
  const request = `{${id}"inputs":${tensors(inputs)}${wanted}}`;
  const head = `${id}"model_name":${JSON.stringify(modelName)},"model_version":"${version}"`;
  const answer = outputs === undefined ? '' : `,"response":{${head},"outputs":${tensors(outputs)}}`;
  const about = JSON.stringify(describe(inference));
  return `${about.slice(0, -1)},"request":${request}${answer}}`;
}

function describe({ atMs, namespace, deployment, version, role, isFallback, error, tookMs, traceId }: LoggedInference) {
  const time = new Date(atMs).toISOString();
  const result = error ?? 'ok';
  return { time, namespace, deployment, version, role, fallback: isFallback, result, tookMs: round(tookMs), traceId };
}

function encodeTensor(tensor: Tensor, redact: readonly string[], maxTensorBytes: number): string {
  const { name, datatype, shape, data } = tensor;
  const omitted = redact.includes(name) ? 'redacted' : data.byteLength > maxTensorBytes ? 'too-large' : undefined;
  const content = omitted === undefined ? `"data":${encodeJsonData(tensor)}` : `"parameters":{"omitted":"${omitted}"}`;
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],${content}}`;
}

/** Microseconds are as much as there is to know. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
