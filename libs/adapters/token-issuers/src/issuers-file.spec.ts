import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isSafeUrl, readIssuersFile } from './issuers-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-issuers-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'issuers.yaml');
const read = (text: string) => {
  writeFileSync(path, text);
  return readIssuersFile(path);
};

describe('a file of issuers', () => {
  it('names them with what is usual where it says nothing', async () => {
    expect(await read('[{ issuer: https://login.example.org, audience: slipway }]')).toEqual([
      {
        issuer: 'https://login.example.org',
        audience: 'slipway',
        jwksUri: undefined,
        kind: 'user',
        prefix: '',
        nameClaim: 'sub',
        groupsClaim: 'groups',
        attributeClaims: {},
      },
    ]);
  });

  it('is refused with all that is wrong in it', async () => {
    const wrong = `
- { issuer: http://login.example.org, audience: slipway, colour: blue }
- { issuer: https://a.example.org, kind: robot }
- { issuer: https://a.example.org, audience: slipway, attributeClaims: { "a b": c } }
- { issuer: https://b.example.org, audience: slipway }
`;
    await expect(read(wrong)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: [
        `${path} lists no token issuers that can be used:`,
        '[0].colour: there is no such key; there are issuer, audience, jwksUri, kind, prefix, nameClaim, groupsClaim, attributeClaims',
        '[0].issuer: an https URL is expected; http only goes to this machine',
        '[1].kind: user or workload is expected',
        '[1].audience: a text is expected',
        '[2].attributeClaims.a b: a name of letters, digits and "_.:/-" and a claim are expected',
        '[1].prefix: another issuer names users with the same prefix, and they must be told apart',
        '[2].issuer: https://a.example.org is there already',
        '[3].prefix: another issuer names users with the same prefix, and they must be told apart',
      ].join('\n  '),
    });
  });

  it.each(['', '{}', '[]', 'a: [', 'text'])('that holds %j is none', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

it.each([
  ['https://login.example.org/realms/a', true],
  ['http://127.0.0.1:8080', true],
  ['http://localhost:8080', true],
  ['http://login.example.org', false],
  ['http://127.0.0.1.evil.example', false],
  ['https://user:password@login.example.org', false],
  ['file:///etc/passwd', false],
  ['//login.example.org', false],
])('%s can be fetched from: %s', (url, expected) => {
  expect(isSafeUrl(url)).toBe(expected);
});
