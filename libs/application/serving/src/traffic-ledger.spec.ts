import { describe, expect, it } from 'vitest';
import { TrafficLedger } from './traffic-ledger.ts';

const keyOf = (rolloutId: string) => ({ namespace: 'default', deployment: 'm', rolloutId });
const routeOf = (rolloutId: string) => ({ namespace: 'default', name: 'm', rolloutId });
const rolloutsOf = (ledger: TrafficLedger) => ledger.totals.map(({ rolloutId, requests }) => [rolloutId, requests]);

describe('TrafficLedger', () => {
  it('keeps the counts of a rollout that is over until the next one begins: who takes over may have to judge it again', () => {
    const ledger = new TrafficLedger(
      () => 1,
      () => {},
    );
    ledger.countSuccess(keyOf('r1'), 2);
    ledger.keepOnly([routeOf('')]);
    ledger.countSuccess(keyOf('r1'), 2);
    expect(rolloutsOf(ledger)).toEqual([['r1', 2]]);
    ledger.keepOnly([routeOf('r2')]);
    ledger.countSuccess(keyOf('r2'), 3);
    expect(rolloutsOf(ledger)).toEqual([['r2', 1]]);
  });

  it('forgets a deployment that is gone', () => {
    const ledger = new TrafficLedger(
      () => 1,
      () => {},
    );
    ledger.countSuccess(keyOf('r1'), 2);
    ledger.keepOnly([]);
    expect(ledger.totals).toEqual([]);
  });
});
