import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Deployment, type GatewayFleet, type Reconciler } from '#application/rollout';
import type { DeploymentStatus } from '#generated/deployment-status';
import { WATCH_INTERVAL_MS, watchDeployment } from './watch-deployment.ts';

let deployments: Deployment[];
let told: DeploymentStatus[];
let isVisible: boolean;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  deployments = [Deployment.create('vision', 'digits'), Deployment.create('vision', 'words')];
  told = [];
  isVisible = true;
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const watch = () => {
  const reconciler = { deployments, onChange: () => () => {} } as unknown as Reconciler;
  const sources = { reconciler, fleet: {} as GatewayFleet };
  stop = watchDeployment({ namespace: 'vision', name: 'digits' }, sources, {
    isReady: () => true,
    maySee: ({ entry }) => isVisible && entry.name === 'digits',
    tell: (state) => told.push(state),
  });
};
const change = (code: string) => {
  deployments[0]?.addEvent({ severity: 'info', code, message: code }, 0);
  vi.advanceTimersByTime(WATCH_INTERVAL_MS);
};
const lastCodes = () => told.map(({ events }) => events.at(-1)?.code);

it('a deployment that may no longer be seen is told of no more, and again when it may', () => {
  watch();
  change('One');
  isVisible = false;
  change('Two');
  change('Three');
  expect(lastCodes()).toEqual([undefined, 'One']);
  isVisible = true;
  vi.advanceTimersByTime(WATCH_INTERVAL_MS);
  expect(lastCodes()).toEqual([undefined, 'One', 'Three']);
});

it('a deployment that may not be seen is waited for like one that is not there', () => {
  isVisible = false;
  watch();
  change('One');
  expect(told).toEqual([]);
});
