import { describe, expect, it } from 'vitest';
import { ACTION_NAMES } from './actions.ts';
import { closestWord } from './closest-word.ts';

describe('the closest word', () => {
  it.each([
    ['version.reed', 'version.read'],
    ['models.read', 'model.read'],
    ['Version.Read', 'version.read'],
    ['deployment.infers', 'deployment.infer'],
    ['xyz', undefined],
    ['', undefined],
    ['v'.repeat(10_000), undefined],
  ])('to %s is %s', (written, closest) => {
    expect(closestWord(written, ACTION_NAMES)).toBe(closest);
  });
});
