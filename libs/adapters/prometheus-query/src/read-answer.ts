import type { ExternalReading } from '#domain/rollout';

type Outcome = ExternalReading['outcome'];

const MAX_TOLD = 500;
const MAX_WARNINGS = 3;

/**
 * What an answer of Prometheus says: a value where there is exactly one, otherwise `noData` with the reason. No series, and NaN, are
 * neither an error nor a pass: nobody knows anything yet.
 *
 * @param status of HTTP.
 * @param text the body.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
 */
export function readAnswer(status: number, text: string): Outcome {
  const answer = parseObject(text);
  if (answer?.['status'] === 'error') {
    return noData(`Prometheus: ${oneLine(`${answer['errorType']}: ${answer['error']}`)}`);
  }
  if (status >= 300 && status < 400) return noData(`answered ${status}: redirects are not followed`);
  if (answer?.['status'] !== 'success') {
    return noData(`answered ${status}, and not what Prometheus answers: ${oneLine(text) || 'nothing'}`);
  }
  const warnings = textsOf(answer['warnings']);
  const outcome = readData(answer['data']);
  if (warnings.length === 0) return outcome;
  if (outcome.kind === 'value') return { ...outcome, warnings };
  return outcome.kind === 'noData' ? noData(`${outcome.reason} (with a warning: ${warnings.join('; ')})`) : outcome;
}

function readData(data: unknown): Outcome {
  const { resultType, result } = (data ?? {}) as { readonly resultType?: unknown; readonly result?: unknown };
  if (resultType === 'scalar') return readSample(result);
  if (resultType !== 'vector' || !Array.isArray(result)) {
    return noData(`the query gives a ${oneLine(String(resultType))}; a gate needs a scalar, or a vector of one series`);
  }
  if (result.length === 0) return noData('the query gives no series');
  if (result.length > 1) {
    return noData(`the query gives ${result.length} series; a gate needs one: aggregate them, with sum() for example`);
  }
  return readSample((result[0] as { readonly value?: unknown }).value);
}

/** @param sample a time and a number as text; absent for native histograms. */
function readSample(sample: unknown): Outcome {
  const text: unknown = Array.isArray(sample) ? sample[1] : undefined;
  if (typeof text !== 'string') return noData('the query gives a histogram; a gate needs a number');
  const value = { '+Inf': Infinity, '-Inf': -Infinity }[text] ?? Number(text);
  return Number.isNaN(value) || text === '' ? noData('the value is NaN') : { kind: 'value', value };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.slice(0, MAX_WARNINGS).map((text) => oneLine(String(text))) : [];
}

/** Reasons become part of events and of commits. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_TOLD);
}

function noData(reason: string): Outcome {
  return { kind: 'noData', reason };
}
