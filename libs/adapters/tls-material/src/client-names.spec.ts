import { expect, it } from 'vitest';
import { isListed } from './client-names.ts';

const shop = { subject: 'CN=shop,O=Example', uris: ['spiffe://example.org/ns/shop/sa/web'] };

it.each([
  [[], true],
  [['CN=shop,O=Example'], true],
  [['spiffe://example.org/ns/shop/sa/web'], true],
  [['CN=other', 'spiffe://example.org/ns/shop/*'], true],
  [['spiffe://example.org/*'], true],
  [['CN=shop'], false],
  [['spiffe://example.org/ns/shop'], false],
  [['spiffe://example.org/ns/sho/*'], false],
  [['spiffe://example.org/ns/shop/sa/web/*'], false],
  [['*'], false],
  [['spiffe://example.org.evil/*'], false],
])('a list of %j has the shop on it: %s', (list, expected) => {
  expect(isListed(list, shop)).toBe(expected);
});

it.each(['../../admin', 'x/../../admin', './admin', '', '/admin', '%2e%2e/admin', 'x\\y', 'admin?x', 'admin#x'])(
  'nobody gets below a folder as %j',
  (path) => {
    const uris = [`spiffe://example.org/ns/shop/${path}`];
    expect(isListed(['spiffe://example.org/ns/shop/*'], { subject: '', uris })).toBe(false);
  },
);
