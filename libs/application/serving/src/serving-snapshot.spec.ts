import { expect, it } from 'vitest';
import { isNewer } from './serving-snapshot.ts';

const snapshotOf = (revision: number, epoch?: number) => ({
  revision,
  deployments: [],
  ...(epoch === undefined ? {} : { epoch }),
});

it.each([
  { snapshot: snapshotOf(2, 1), than: snapshotOf(1, 1), newer: true },
  { snapshot: snapshotOf(1, 1), than: snapshotOf(1, 1), newer: false },
  // A later term counts for more than any revision of an earlier one.
  { snapshot: snapshotOf(1, 2), than: snapshotOf(9, 1), newer: true },
  { snapshot: snapshotOf(9, 1), than: snapshotOf(1, 2), newer: false },
  // Without terms: of before there were any.
  { snapshot: snapshotOf(9), than: snapshotOf(1, 1), newer: false },
  { snapshot: snapshotOf(2), than: snapshotOf(1), newer: true },
])(
  '$snapshot.epoch/$snapshot.revision beside $than.epoch/$than.revision: newer is $newer',
  ({ snapshot, than, newer }) => {
    expect(isNewer(snapshot, than)).toBe(newer);
  },
);
