import { expect, it } from 'vitest';
import type { DesiredDeployment } from '#domain/rollout';
import { deploymentResource } from './deployment-resource.ts';
import type { JournalEntry } from './rollout-journal.ts';

const entry = { namespace: 'vision', name: 'digits', state: { rejected: [] }, events: [], nextEventId: 1 };
const desired = (model: string, variants?: readonly string[]) =>
  ({ spec: { model, ...(variants === undefined ? {} : { variants }) } }) as DesiredDeployment;
const attributesOf = (more: object) =>
  Object.fromEntries(deploymentResource({ ...entry, ...more } as unknown as JournalEntry).attributes);

it('a deployment is seen by what Git says of it, its labels included', () => {
  expect(attributesOf({ desired: desired('digits-cnn'), labels: { team: 'vision' } })).toEqual({
    namespace: 'vision',
    deployment: 'digits',
    model: 'digits-cnn',
    'labels.team': 'vision',
  });
});

it('a deployment has a target for each that its manifest names', () => {
  const variants = ['cuda/fp16', 'cuda/fp32', 'cpu/fp32'];
  expect(attributesOf({ desired: desired('m', variants) })).toMatchObject({ target: ['cuda', 'cpu'] });
});

it('a deployment is seen by what is served where Git says nothing valid, and without a model where there is nothing', () => {
  const state = { rejected: [], stable: { desired: desired('old') } };
  expect(attributesOf({ state })).toMatchObject({ model: 'old' });
  expect(attributesOf({})).toEqual({ namespace: 'vision', deployment: 'digits' });
});
