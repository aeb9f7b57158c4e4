import { readFile } from 'node:fs/promises';
import type { GateProvider, GateSubject } from '#application/rollout';
import type { ExternalReading, HttpGate } from '#domain/rollout';
import { refusalOf } from './allowed-host.ts';
import { type AddressesOf, guardedLookup } from './guarded-lookup.ts';
import { postJson } from './post-json.ts';
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
  /** Where names lead to; those that the system knows, without it. */
  readonly addressesOf?: AddressesOf;
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
      const { status, text } = await postJson(url, {
        body,
        headers: await this.#signatureOf(body),
        lookup: guardedLookup(this.#settings.addressesOf),
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      return text === undefined ? noData('the answer has more than 64 KiB') : readVerdict(status, text);
    } catch (error) {
      return noData((error as Error).message);
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

function noData(reason: string): ExternalReading['outcome'] {
  return { kind: 'noData', reason };
}
