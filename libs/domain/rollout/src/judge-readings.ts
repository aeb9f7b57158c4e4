import type { GateVerdict } from './gate-verdict.ts';
import type { AskedGate, ExternalReading } from './gates.ts';

type ValueOutcome = Extract<ExternalReading['outcome'], { kind: 'value' }>;

/** What one answer says of the candidate. */
type Opinion = { readonly kind: 'good' | 'bad' | 'wait' | 'skip'; readonly told: string };

/**
 * Judges by the newest answers of somebody who was asked; oldest first.
 *
 * It fails on `consecutive` bad ones in a row, the newest included. Answers that are ignored neither count nor interrupt; where there
 * are no others, nothing is known yet: no data is never a success.
 */
export function judgeReadings(gate: AskedGate, key: string, readings: readonly ExternalReading[]): GateVerdict {
  const opinions = readings.map(({ outcome }) => opinionOf(gate, outcome)).filter(({ kind }) => kind !== 'skip');
  const newest = opinions.at(-1);
  if (newest === undefined) return judgeWithoutOpinions(key, readings.at(-1));
  if (newest.kind === 'wait') return { kind: 'frozen', reason: `${key}: ${newest.told}` };
  const lastOther = opinions.findLastIndex(({ kind }) => kind !== 'bad');
  const bad = opinions.slice(lastOther + 1).map(({ told }) => told);
  if (bad.length >= gate.consecutive) return { kind: 'fail', reason: `${key}: ${bad.join(', then ')}` };
  if (newest.kind === 'bad') {
    return { kind: 'inconclusive', reason: `${key}: ${newest.told}, ${bad.length} of ${gate.consecutive} in a row` };
  }
  return { kind: 'pass', reason: `${key}: ${newest.told}` };
}

function judgeWithoutOpinions(key: string, newest: ExternalReading | undefined): GateVerdict {
  const ignored = newest?.outcome.kind === 'noData' ? `; no data, which is ignored: ${newest.outcome.reason}` : '';
  return { kind: 'inconclusive', reason: `${key}: no answer yet${ignored}` };
}

function opinionOf(gate: AskedGate, outcome: ExternalReading['outcome']): Opinion {
  switch (outcome.kind) {
    case 'value':
      return opinionOnValue(gate, outcome);
    case 'verdict': {
      const kind = { pass: 'good', fail: 'bad', hold: 'wait' } as const;
      return { kind: kind[outcome.verdict], told: outcome.reason };
    }
    case 'noData': {
      const kind = { hold: 'wait', rollback: 'bad', ignore: 'skip' } as const;
      return { kind: kind[gate.onNoData], told: `no data: ${outcome.reason}` };
    }
  }
}

function opinionOnValue(gate: AskedGate, { value, warnings = [] }: ValueOutcome): Opinion {
  const warned = warnings.length === 0 ? '' : ` (with a warning: ${warnings.join('; ')})`;
  if (gate.metric !== 'prometheus') return { kind: 'good', told: `${value}${warned}` };
  if (gate.max !== undefined && value > gate.max)
    return { kind: 'bad', told: `${value} is above ${gate.max}${warned}` };
  if (gate.min !== undefined && value < gate.min)
    return { kind: 'bad', told: `${value} is below ${gate.min}${warned}` };
  return { kind: 'good', told: `${value} is within its limits${warned}` };
}
