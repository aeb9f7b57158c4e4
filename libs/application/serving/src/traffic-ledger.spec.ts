import { describe, expect, it } from 'vitest';
import { TrafficLedger } from './traffic-ledger.ts';

const countedRoute = (rolloutId: string) => ({
  namespace: 'default',
  deployment: 'm',
  modelName: 'm',
  rolloutId,
  stable: { build: 'm@1' },
});
const ANSWER = { inputs: [], outputs: [], tookMs: 1 };
const routeOf = (rolloutId: string) => ({ namespace: 'default', name: 'm', rolloutId });
const rolloutsOf = (ledger: TrafficLedger) => ledger.totals.map(({ rolloutId, requests }) => [rolloutId, requests]);

describe('TrafficLedger', () => {
  it('keeps the counts of a rollout that is over until the next one begins: who takes over may have to judge it again', () => {
    const ledger = new TrafficLedger(() => 1, { onError: () => {}, onTrip: () => {} });
    ledger.countAnswer(countedRoute('r1'), 'm@2', ANSWER);
    ledger.keepOnly([routeOf('')]);
    ledger.countAnswer(countedRoute('r1'), 'm@2', ANSWER);
    expect(rolloutsOf(ledger)).toEqual([['r1', 2]]);
    ledger.keepOnly([routeOf('r2')]);
    ledger.countAnswer(countedRoute('r2'), 'm@3', ANSWER);
    expect(rolloutsOf(ledger)).toEqual([['r2', 1]]);
  });

  it('forgets a deployment that is gone', () => {
    const ledger = new TrafficLedger(() => 1, { onError: () => {}, onTrip: () => {} });
    ledger.countAnswer(countedRoute('r1'), 'm@2', ANSWER);
    ledger.keepOnly([]);
    expect(ledger.totals).toEqual([]);
  });
});
