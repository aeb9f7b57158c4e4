import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keyIdOf, readPrivateKey, readPublicKey, readSignersFile } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-signers-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'signers.yaml');
const read = (text: string) => {
  writeFileSync(path, text);
  return readSignersFile(path);
};
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const inYaml = (text: string) => JSON.stringify(text);
writeFileSync(join(directory, 'release.pub'), pem);

describe('a file of signers', () => {
  it('has keys in it, or beside it', async () => {
    expect((await read(`[{ name: inline, publicKey: ${inYaml(pem)} }]`)).names).toEqual(['inline']);
    expect((await read('[{ name: beside, publicKey: release.pub, models: [payments/*] }]')).names).toEqual(['beside']);
  });

  it('need not be there: nobody signs then', async () => {
    expect((await readSignersFile(undefined)).names).toEqual([]);
  });

  it('is refused with all that is wrong in it', async () => {
    const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { publicKey: curve } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const pemOf = (key: typeof rsa) => inYaml(key.export({ type: 'spki', format: 'pem' }).toString());
    const wrong = `
- { name: a b, publicKey: release.pub, colour: blue }
- { name: one, publicKey: nowhere.pub }
- { name: two, publicKey: ${inYaml(privatePem)} }
- { name: three, publicKey: ${pemOf(rsa)} }
- { name: four, publicKey: ${pemOf(curve)} }
- { name: five, publicKey: release.pub, models: [payments] }
- { name: five, publicKey: release.pub, models: [] }
- { name: six, publicKey: "-----BEGIN PUBLIC KEY-----" }
- seven
- { name: eight }
`;
    await expect(read(wrong)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(
        new RegExp(
          [
            'lists no signers that can be used:',
            '\\[0\\].colour: there is no such key; there are name, publicKey, models',
            '\\[0\\].name: a name of up to 63 letters, digits and "._@-" is expected',
            '\\[1\\].publicKey: ENOENT.*',
            '\\[2\\].publicKey: it holds a private key; a public key is expected',
            '\\[3\\].publicKey: the key is of type rsa; Ed25519 and ECDSA with P-256, P-384 or P-521 are taken',
            '\\[4\\].publicKey: the key is of type ec secp256k1; Ed25519 and ECDSA.*',
            '\\[5\\].models: a list such as \\[payments/\\*\\] is expected.*',
            '\\[6\\].models: a list such as .*',
            '\\[6\\].name: five is there already',
            '\\[6\\].publicKey: five has this key already',
            '\\[7\\].publicKey: no key in PEM: .*',
            '\\[8\\]: a name, a publicKey and, if need be, models are expected',
            '\\[9\\].publicKey: a public key in PEM, or the path of a file with one, is expected$',
          ].join('\\n  '),
        ),
      ),
    });
  });

  it.each(['', '{}', '[]', 'a: [', 'text'])('that holds %j is none', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('a key', () => {
  it('has the same id by either half', () => {
    expect(keyIdOf(readPrivateKey(privatePem, 'k'))).toBe(keyIdOf(readPublicKey(pem, 'k')));
  });

  it('with a passphrase is refused, and says how to take it off', () => {
    const locked = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    expect(() => readPrivateKey(locked, 'release.key')).toThrow(
      /release.key: the key has a passphrase; take it off first/,
    );
  });
});
