import { describe, expect, it } from 'vitest';
import type { PluginSet } from '#application/plugin';
import type { GateSubject } from '#application/rollout';
import { DomainError } from '#domain/errors';
import { PluginGateProvider } from './plugin-gate.ts';

const subject: GateSubject = {
  namespace: 'shop',
  name: 'prices',
  candidate: { version: 8, variants: undefined },
  stable: { version: 7, variants: undefined },
  rolloutId: 'prices-12',
  weightPercent: 5,
  startedAtMs: 0,
  observed: () => ({ candidate: { requests: 40, serverErrors: 2 }, stable: { requests: 760, serverErrors: 1 } }),
};
const gate = {
  metric: 'plugin',
  plugin: 'conversion',
  options: { min: 3 },
  intervalMs: 1000,
  consecutive: 1,
  onNoData: 'hold',
} as const;

function ask(execute: (question: unknown) => unknown, about = gate) {
  const plugin = { execute: async (message: () => { value: unknown }) => execute(message().value) };
  const plugins = {
    find: (name: string, kind: string) => (name === 'conversion' && kind === 'gate' ? plugin : undefined),
  };
  const provider = new PluginGateProvider(plugins as unknown as PluginSet);
  return provider.ask(about, subject, new AbortController().signal);
}

describe('a gate that is a plugin', () => {
  it('is told what the rollout is and what was counted, and gives a verdict in words', async () => {
    let asked: unknown;
    const outcome = await ask((question) => {
      asked = question;
      return { verdict: 'fail', reason: 'conversion\nfell' };
    });
    expect(outcome).toEqual({ kind: 'verdict', verdict: 'fail', reason: 'conversion fell' });
    expect(asked).toMatchObject({
      namespace: 'shop',
      deployment: 'prices',
      candidate: { version: 8, observed: { requests: 40, serverErrors: 2, fallbacks: 0 } },
      stable: { version: 7, observed: { requests: 760, serverErrors: 1 } },
      rolloutId: 'prices-12',
      weightPercent: 5,
      startedAt: '1970-01-01T00:00:00.000Z',
      options: { min: 3 },
    });
  });

  it.each([
    [undefined, 'the answer has no verdict'],
    [{ verdict: 'promote' }, 'the answer has no verdict'],
    ['pass', 'the answer has no verdict'],
  ])('that answers %j has no data, and passes nobody', async (answer, reason) => {
    expect(await ask(() => answer)).toEqual({ kind: 'noData', reason: expect.stringContaining(reason) });
  });

  it('that fails has no data, with the reason', async () => {
    const failing = ask(() => {
      throw new DomainError('PLUGIN_FAILED', 'plugin conversion 1.0.0 threw: no database');
    });
    expect(await failing).toEqual({ kind: 'noData', reason: 'plugin conversion 1.0.0 threw: no database' });
  });

  it('that does not run here has no data', async () => {
    const outcome = await ask(() => ({ verdict: 'pass' }), { ...gate, plugin: 'absent' as 'conversion' });
    expect(outcome).toEqual({ kind: 'noData', reason: 'no plugin absent of kind gate runs on this controller' });
  });
});
