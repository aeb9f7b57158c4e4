import { describe, expect, it } from 'vitest';
import type { HostedPlugin } from '#application/plugin';
import { DomainError } from '#domain/errors';
import { verifierWithPlugins } from './plugin-token-verifier.ts';

function plugin(name: string, execute: (credential: string) => unknown) {
  const told: string[] = [];
  return {
    name,
    told,
    execute: async (message: () => { value: unknown }) =>
      execute((message().value as { credential: string }).credential),
    misbehaved: (message: string) => {
      told.push(message);
      return new DomainError('PLUGIN_FAILED', message);
    },
  } as unknown as HostedPlugin & { readonly told: readonly string[] };
}

const nobody = plugin('nobody', () => null);
const staff = plugin('staff', (credential) =>
  credential === 'badge-7' ? { id: 'ann', groups: ['staff'], attributes: { team: ['blue'] }, validUntilMs: 99 } : null,
);
const issuers = {
  verify: async () => ({
    kind: 'user' as const,
    id: 'from-issuer',
    groups: [],
    attributes: {},
    credential: 'token' as const,
  }),
};
const webToken = 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.';

describe('a plugin that tells whom a credential names', () => {
  it('names a principal, and nothing but that', async () => {
    const generous = plugin('generous', () => ({
      id: 'ann',
      scope: { actions: ['*'] },
      credential: 'apiKey',
      admin: true,
    }));
    expect(await verifierWithPlugins([generous], undefined).verify('x')).toEqual({
      kind: 'user',
      id: 'ann',
      groups: [],
      attributes: {},
      credential: 'token',
    });
    expect(await verifierWithPlugins([nobody, staff], undefined).verify('badge-7')).toEqual({
      kind: 'user',
      id: 'ann',
      groups: ['staff'],
      attributes: { team: ['blue'] },
      credential: 'token',
      validUntilMs: 99,
    });
  });

  it('refuses what no plugin knows', async () => {
    const verifying = verifierWithPlugins([nobody, staff], undefined).verify('badge-8');
    await expect(verifying).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('leaves web tokens to the issuers, where there are any', async () => {
    const all = plugin('all', (credential) => ({ id: credential }));
    expect(await verifierWithPlugins([all], issuers).verify(webToken)).toMatchObject({ id: 'from-issuer' });
    expect(await verifierWithPlugins([all], issuers).verify('badge-7')).toMatchObject({ id: 'badge-7' });
    expect(await verifierWithPlugins([all], undefined).verify(webToken)).toMatchObject({ id: webToken });
  });

  it('that fails lets nobody in, not even whom the next one knows, and tells strangers nothing of why', async () => {
    const failing = plugin('failing', () => {
      throw new DomainError('PLUGIN_FAILED', 'plugin failing 1.0.0 threw: the password is hunter2');
    });
    const error: Error = await verifierWithPlugins([failing, staff], undefined)
      .verify('badge-7')
      .then(
        () => expect.fail(),
        (reason) => reason,
      );
    expect(error).toMatchObject({ code: 'PLUGIN_UNAVAILABLE' });
    expect(error.message).not.toContain('hunter2');
  });

  it('says why it refuses a credential that it knows', async () => {
    const strict = plugin('strict', () => {
      throw new DomainError('INPUT_INVALID', 'the badge was handed in');
    });
    const verifying = verifierWithPlugins([strict, staff], undefined).verify('badge-7');
    await expect(verifying).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: 'the badge was handed in' });
  });

  it.each([
    [{}],
    ['ann'],
    [{ id: '' }],
    [{ id: 'a'.repeat(257) }],
    [{ id: 'ann', kind: 'anonymous' }],
    [{ id: 'ann', groups: 'admins' }],
    [{ id: 'ann', groups: [1] }],
    [{ id: 'ann', attributes: { 'a b': ['x'] } }],
    [{ id: 'ann', attributes: { team: 'blue' } }],
    [{ id: 'ann', validUntilMs: 'never' }],
    [{ id: 'ann', validUntilMs: Number.NaN }],
  ])('that answers %j lets nobody in', async (answer) => {
    const odd = plugin('odd', () => answer);
    await expect(verifierWithPlugins([odd], undefined).verify('x')).rejects.toMatchObject({
      code: 'PLUGIN_UNAVAILABLE',
    });
    expect(odd.told).toHaveLength(1);
  });
});
