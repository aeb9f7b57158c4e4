import type { GateProvider, GateSubject } from '#application/rollout';
import type { ExternalReading, PrometheusGate } from '#domain/rollout';
import { authorizationOf, type CredentialFiles } from './credentials.ts';
import { fillQuery } from './fill-query.ts';
import { readAnswer } from './read-answer.ts';

/** A gate needs one number; a query that forgot to aggregate may give all series that there are. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Which Prometheus is asked, or anything that speaks its HTTP interface. */
export interface PrometheusSettings extends CredentialFiles {
  /** What `/api/v1/query` follows; absent: none is asked. */
  readonly url: string | undefined;
  /** Sent with each question, such as a tenant's name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks Prometheus for the value of a query. */
export class PrometheusGateProvider implements GateProvider<PrometheusGate> {
  readonly #settings: PrometheusSettings;

  /** @throws Error for a URL with a user or a password, which would end up in logs. */
  constructor(settings: PrometheusSettings) {
    const { username, password } = new URL(settings.url ?? 'http://none');
    if (username !== '' || password !== '') {
      throw new Error(
        'SLIPWAY_PROMETHEUS_URL must not hold a user or password: set SLIPWAY_PROMETHEUS_USER and SLIPWAY_PROMETHEUS_PASSWORD_FILE',
      );
    }
    this.#settings = settings;
  }

  async ask({ query }: PrometheusGate, about: GateSubject, signal: AbortSignal): Promise<ExternalReading['outcome']> {
    const { url, headers } = this.#settings;
    if (url === undefined) return noData('no Prometheus is known: set SLIPWAY_PROMETHEUS_URL');
    try {
      const body = new URLSearchParams({ query: fillQuery(query, about) });
      const authorization = await authorizationOf(this.#settings);
      const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/query`, {
        method: 'POST',
        body,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        // Credentials are for this server alone.
        redirect: 'manual',
        signal,
      });
      const text = await textWithin(response, MAX_ANSWER_BYTES);
      if (text === undefined) {
        return noData(
          'the answer has more than 1 MiB: a gate needs one series: aggregate them, with sum() for example',
        );
      }
      return readAnswer(response.status, text);
    } catch (error) {
      return noData(reasonOf(error));
    }
  }
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
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  const code = (cause as NodeJS.ErrnoException).code;
  return `Prometheus cannot be reached: ${cause.message || code}`;
}

function noData(reason: string): ExternalReading['outcome'] {
  return { kind: 'noData', reason };
}
