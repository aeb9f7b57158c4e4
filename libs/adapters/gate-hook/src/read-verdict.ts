import type { ExternalReading } from '#domain/rollout';

type Outcome = ExternalReading['outcome'];

const MAX_TOLD = 500;
const VERDICTS = ['pass', 'fail', 'hold'] as const;

/**
 * What a hook's answer says: 200 with `{"verdict": "pass" | "fail" | "hold", "reason": "…"}`; anything else is `noData`. The reason may
 * be left out.
 *
 * @param status of HTTP.
 * @param text the body.
 */
export function readVerdict(status: number, text: string): Outcome {
  if (status >= 300 && status < 400) return noData(`answered ${status}: redirects are not followed`);
  if (status !== 200) return noData(`answered ${status}: ${oneLine(text) || 'nothing'}`);
  const { verdict: said, reason } = parseObject(text);
  const verdict = VERDICTS.find((known) => known === said);
  if (verdict === undefined)
    return noData(`the answer has no verdict of pass, fail or hold: ${oneLine(text) || 'nothing'}`);
  return { kind: 'verdict', verdict, reason: (typeof reason === 'string' && oneLine(reason)) || `it says ${verdict}` };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
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
