import { expect, it } from 'vitest';
import { quickstartAccess } from './quickstart-access.ts';

it('is open on this machine without a word, and says so', () => {
  const { settings, notice, curlOptions } = quickstartAccess({}, '/state');
  expect(settings).toEqual({ SLIPWAY_ACCESS: 'open' });
  expect(notice).toMatch(/^Access is open: every program on this machine may .* SLIPWAY_ACCESS=policies closes it/);
  expect(curlOptions).toBe('');
});

it('is what the environment says', () => {
  expect(quickstartAccess({ SLIPWAY_ACCESS: 'open' }, '/state')).toMatchObject({ settings: {}, curlOptions: '' });
  const closed = quickstartAccess({ SLIPWAY_ACCESS: 'policies' }, '/state');
  expect(closed).toMatchObject({
    settings: {},
    notice: expect.stringMatching(/^Access is closed: .*\/state\/admin\.key/),
  });
  expect(closed.curlOptions).toBe(` -H "authorization: Bearer $(cat '/state/admin.key')"`);
  const own = quickstartAccess({ SLIPWAY_ACCESS: 'policies', SLIPWAY_API_KEY: 'k' }, '/state');
  expect(own.curlOptions).toBe(' -H "authorization: Bearer $SLIPWAY_API_KEY"');
  expect(() => quickstartAccess({ SLIPWAY_ACCESS: 'nobody' }, '/state')).toThrow('SLIPWAY_ACCESS must be one of');
});

it('stays closed where a port is reached from other machines, until somebody says open', () => {
  const exposed = { SLIPWAY_GATEWAY_HOST: '0.0.0.0' };
  expect(quickstartAccess(exposed, '/state')).toMatchObject({ settings: {}, notice: expect.stringMatching(/closed/) });
  const { notice } = quickstartAccess({ ...exposed, SLIPWAY_ACCESS: 'open' }, '/state');
  expect(notice).toMatch(/^Access is open: every program that reaches these ports \(SLIPWAY_GATEWAY_HOST\)/);
});

it('refuses to begin without the key that the server will ask for', () => {
  const given = { SLIPWAY_ACCESS: 'policies', SLIPWAY_ADMIN_KEY: 'k' };
  expect(() => quickstartAccess(given, '/state')).toThrow(/set SLIPWAY_API_KEY/);
  expect(quickstartAccess({ ...given, SLIPWAY_API_KEY: 'k' }, '/state').settings).toEqual({});
});
