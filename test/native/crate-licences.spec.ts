import { expect, it } from 'vitest';
import { askCargoForLicences, readCrateLicences } from '../supply-chain/crate-licences.ts';

it('what is written down of the licences of crates is what the crates say: `npm run sbom:crates` writes it anew', () => {
  expect(readCrateLicences()).toEqual(askCargoForLicences());
});
