import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustedProxies } from '#adapters/casl';
import { clientAddress, MAX_PROXIES, type TrustedProxies } from './client-address.ts';

const proxies = trustedProxies(['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.250']) as TrustedProxies;
const of = (peer: string | undefined, forwardedFor?: string, forwarded?: string) =>
  clientAddress(peer, { forwardedFor, forwarded }, proxies);

describe('the address of a client', () => {
  it.each([
    ['behind a proxy', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['behind two', '10.0.0.1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['behind proxies in both notations', '2001:db8:1::1', '203.0.113.7,10.0.0.2 , 2001:db8:1::2', '203.0.113.7'],
    ['behind one address that is trusted alone', '192.0.2.250', '203.0.113.7', '203.0.113.7'],
    ['left of which it says something', '10.0.0.1', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['that pretends to be a proxy', '10.0.0.1', '10.0.0.9, 203.0.113.7', '203.0.113.7'],
    ['that is a proxy itself', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['without the header', '10.0.0.1', undefined, '10.0.0.1'],
    ['in IPv6', '10.0.0.1', '2001:DB8:0:0::7', '2001:db8::7'],
    ['in brackets', '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['with a port', '10.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['in brackets with a port', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['of IPv4 in IPv6', '::ffff:10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['of IPv4 in IPv6, in hexadecimal', '10.0.0.1', '203.0.113.7, ::ffff:a00:2', '203.0.113.7'],
  ])('%s', (_where, peer, forwardedFor, expected) => expect(of(peer, forwardedFor)).toBe(expected));

  it.each([
    ['unknown', 'unknown'],
    ['a name', 'proxy.example.org'],
    ['a socket', 'unix:'],
    ['nothing', ''],
    ['nothing, behind a comma', '203.0.113.7,'],
    ['quotes', '"203.0.113.7"'],
    ['an open bracket', '[2001:db8::7'],
    ['a zone', 'fe80::1%eth0'],
    ['a number in octal', '0203.0.113.7'],
    ['a port that is none', '203.0.113.7:http'],
    ['an address without end', `${'1'.repeat(100)}.0.0.1`],
  ])('is the last one that was believed where an entry is %s', (_what, entry) => {
    expect(of('10.0.0.1', entry)).toBe('10.0.0.1');
    expect(of('10.0.0.1', `203.0.113.7, ${entry}, 10.0.0.2`)).toBe('10.0.0.2');
  });

  it('is not known where `Forwarded` says another', () => {
    const [peer, list] = ['10.0.0.1', '203.0.113.7, 2001:db8:1::2'];
    expect(of(peer, list, 'for=203.0.113.7, for="[2001:db8:1::2]:80";proto=https')).toBe('203.0.113.7');
    expect(of(peer, list, 'proto=http;For="203.0.113.7:4711"')).toBe('203.0.113.7');
    for (const forwarded of ['for=198.51.100.9', 'for=unknown', 'proto=https', '', 'for="203.0.113.7', 'for=_hidden'])
      expect([forwarded, of(peer, list, forwarded)]).toEqual([forwarded, undefined]);
    // By itself it says nothing.
    expect(of(peer, undefined, 'for=198.51.100.9')).toBe(peer);
    expect(of('203.0.113.1', list, 'for=198.51.100.9')).toBe('203.0.113.1');
  });

  it('of a peer that is not known is not known', () => expect(of(undefined, '203.0.113.7')).toBeUndefined());
});

/** Addresses outside of the proxies' networks, as proxies write them. */
const strangers = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((text) => proxies.read(text) ?? '')
  .filter((address) => address !== '' && !proxies.isTrusted(address));
const trusted = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255)).map(([high, low]) => `10.0.${high}.${low}`),
  fc.integer({ min: 0, max: 0xffff }).map((low) => `2001:db8:1::${low.toString(16)}`),
);
/** Whatever a client may send in a header: bytes, and lists that look like one. */
const sent = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 100 }),
  fc
    .array(fc.oneof(trusted, fc.ipV4(), fc.ipV6(), fc.constantFrom('', '"', 'for="', '[', 'unknown', '10.0.0.1:')))
    .map((entries) => entries.join(',')),
);

describe('whatever a client sends', () => {
  it('it cannot choose its address where trusted proxies append what they see', () =>
    fc.assert(
      fc.property(
        fc.option(sent),
        strangers,
        fc.array(trusted, { minLength: 1, maxLength: 5 }),
        (own, client, hops) => {
          // Each proxy appends whom it was called by; the last one is our peer.
          const seen = [client, ...hops.slice(0, -1)];
          const header = [...(own === null ? [] : [own]), ...seen].join(', ');
          expect(of(hops.at(-1), header)).toBe(client);
        },
      ),
    ));

  it('it can at most make it unknown by `Forwarded`', () =>
    fc.assert(
      fc.property(sent, sent, strangers, trusted, (own, forwarded, client, proxy) => {
        expect([client, undefined]).toContain(of(proxy, `${own}, ${client}`, forwarded));
      }),
    ));

  it('nothing counts that comes from elsewhere than a proxy', () =>
    fc.assert(
      fc.property(strangers, fc.option(sent), fc.option(sent), (peer, forwardedFor, forwarded) => {
        expect(of(peer, forwardedFor ?? undefined, forwarded ?? undefined)).toBe(peer);
      }),
    ));

  it('what is found is an address that was read', () =>
    fc.assert(
      fc.property(trusted, sent, fc.option(sent), (peer, forwardedFor, forwarded) => {
        const found = of(peer, forwardedFor, forwarded ?? undefined);
        if (found !== undefined) expect(proxies.read(found)).toBe(found);
      }),
    ));

  it('no more of it is looked at than proxies may stand in a row', () => {
    let reads = 0;
    const read = (text: string) => {
      reads += 1;
      return proxies.read(text);
    };
    const counting = { ...proxies, read };
    const forwardedFor = Array(10_000).fill('10.0.0.2').join(', ');
    expect(clientAddress('10.0.0.1', { forwardedFor, forwarded: undefined }, counting)).toBe('10.0.0.2');
    expect(reads).toBe(MAX_PROXIES + 1);
  });
});
