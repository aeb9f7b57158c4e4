import { readFile } from 'node:fs/promises';
import type { GateProvider, GateSubject } from '#application/rollout';
import type { ExternalReading, HttpGate } from '#domain/rollout';
import { refusalOf } from './allowed-host.ts';
import { readVerdict } from './read-verdict.ts';
import { signBody } from './sign-body.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** Which hooks may be asked, and how they know who asks. */
export interface HookSettings {
  /** `host` or `host:port`, in lower case; none: no hook is asked. */
  readonly hosts: readonly string[];
  /** Holds the key of the signature, read for each question; absent: questions are not signed. */
  readonly secretFile: string | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Asks an HTTP service for its verdict. */
export class HookGateProvider implements GateProvider<HttpGate> {
  readonly #settings: HookSettings;

  constructor(settings: HookSettings) {
    this.#settings = settings;
  }

  async ask(gate: HttpGate, about: GateSubject, signal: AbortSignal): Promise<ExternalReading['outcome']> {
    const url = URL.parse(gate.url);
    const refusal = refusalOf(url, this.#settings.hosts);
    if (url === null || refusal !== undefined) return noData(`${refusal}`);
    try {
      const body = JSON.stringify(questionOf(about));
      const headers = { 'content-type': 'application/json', ...(await this.#signatureOf(body)) };
      // A redirect could lead to a host that is not allowed.
      const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
      const text = await textWithin(response, MAX_ANSWER_BYTES);
      return text === undefined ? noData('the answer has more than 64 KiB') : readVerdict(response.status, text);
    } catch (error) {
      return noData(reasonOf(error, url));
    }
  }

  async #signatureOf(body: string): Promise<Readonly<Record<string, string>>> {
    const { secretFile, nowMs } = this.#settings;
    if (secretFile === undefined) return {};
    const secret = (await readFile(secretFile, 'utf8')).trim();
    if (secret === '') throw new Error(`${secretFile} is empty`);
    return { 'slipway-signature': signBody(body, secret, nowMs()) };
  }
}

function questionOf(about: GateSubject) {
  return {
    namespace: about.namespace,
    deployment: about.name,
    candidate: about.candidate.version,
    candidateVariants: about.candidate.variants,
    stable: about.stable?.version ?? null,
    stableVariants: about.stable?.variants,
    rolloutId: about.rolloutId,
    weightPercent: about.weightPercent,
    startedAt: new Date(about.startedAtMs).toISOString(),
  };
}

/** The body; `undefined` when it is longer. */
async function textWithin(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch` tells the cause of a failed connection beside the error. */
function reasonOf(error: unknown, { host }: URL): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  const code = (cause as NodeJS.ErrnoException).code;
  return `${host} cannot be reached: ${cause.message || code}`;
}

function noData(reason: string): ExternalReading['outcome'] {
  return { kind: 'noData', reason };
}
