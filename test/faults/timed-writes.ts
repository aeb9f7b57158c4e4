import { digestOf, namespace } from './registration-load.ts';

/** What a registry answered to a write, and how soon. */
export interface WriteAnswer {
  readonly tookMs: number;
  readonly status: number;
  /** Of the error catalogue; empty for success. */
  readonly code: string;
  /** The header `retry-after`, in seconds; `NaN` without one. */
  readonly retryAfterSeconds: number;
}

const BYTES = Buffer.from('bytes that nobody registers');
const MUTATION = 'mutation ($input: CreateVersionInput!) { createVersion(input: $input) { id } }';

/** Declares a version over GraphQL, which writes a draft. */
export async function declareVersion(url: string, model: string): Promise<WriteAnswer> {
  const file = { path: 'weights.bin', digest: digestOf(BYTES), sizeBytes: BYTES.byteLength };
  const variants = [{ target: 'CPU', precision: 'FP32', format: 'OTHER', files: [file] }];
  return timed(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: MUTATION, variables: { input: { namespace, model, variants } } }),
  });
}

/** Brings bytes of a draft over REST. */
export async function sendBytesOf(url: string, model: string, draftId: string): Promise<WriteAnswer> {
  const path = `/v1/namespaces/${namespace}/models/${model}/drafts/${draftId}/blobs/${digestOf(BYTES)}`;
  return timed(`${url}${path}`, { method: 'PUT', body: BYTES });
}

async function timed(url: string, init: RequestInit): Promise<WriteAnswer> {
  const startedMs = performance.now();
  const response = await fetch(url, init);
  const body = (await response.json()) as { code?: string; errors?: { extensions: { code: string } }[] };
  return {
    tookMs: performance.now() - startedMs,
    status: response.status,
    code: body.code ?? body.errors?.[0]?.extensions.code ?? '',
    retryAfterSeconds: Number(response.headers.get('retry-after') ?? Number.NaN),
  };
}
