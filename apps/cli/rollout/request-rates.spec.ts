import { expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { rolloutUnderWay } from '#testing';
import { RequestRates } from './request-rates.ts';

function totals(candidate: number, stable: number, rolloutId = 'default.digits.2'): DeploymentStatus {
  const status = rolloutUnderWay();
  if (status.candidate === undefined) throw new Error('no candidate');
  const traffic = {
    candidate: { requests: candidate, serverErrors: 0 },
    stable: { requests: stable, serverErrors: 0 },
  };
  return { ...status, candidate: { ...status.candidate, rolloutId, traffic } };
}

it('takes rates over the last three seconds', () => {
  const rates = new RequestRates();
  rates.add(totals(0, 0), 0);
  expect(rates.at(100)).toBeUndefined();
  rates.add(totals(10, 90), 1000);
  expect(rates.at(1000)).toEqual({ candidate: 10, stable: 90 });
  rates.add(totals(310, 990), 10_000);
  expect(rates.at(13_000)).toEqual({ candidate: 0, stable: 0 });
});

it('begins anew with another rollout, whose totals begin at nothing', () => {
  const rates = new RequestRates();
  rates.add(totals(1000, 9000), 0);
  rates.add(totals(5, 10, 'default.digits.3'), 1000);
  expect(rates.at(1100)).toBeUndefined();
  rates.add(totals(15, 30, 'default.digits.3'), 2000);
  expect(rates.at(2000)).toEqual({ candidate: 10, stable: 20 });
});
