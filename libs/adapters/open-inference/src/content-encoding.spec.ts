import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compressed, decompressed, wantedEncoding } from './content-encoding.ts';

const somebody = { address: '192.0.2.1', isGone: () => false };
const text = Buffer.from('a tensor '.repeat(1000));

it.each(['gzip', 'deflate'] as const)('takes %s off, and puts it on', async (encoding) => {
  const body = encoding === 'gzip' ? gzipSync(text) : deflateSync(text);
  expect((await decompressed(body, encoding, 1 << 20, somebody)).equals(text)).toBe(true);
  expect((await decompressed(await compressed(text, encoding), encoding, 1 << 20, somebody)).equals(text)).toBe(true);
});

it('refuses bombs, other encodings and broken bodies, and leaves plain ones', async () => {
  expect(await decompressed(text, 'identity', 10, somebody)).toBe(text);
  await expect(decompressed(gzipSync(Buffer.alloc(1 << 26)), 'gzip', 1 << 20, somebody)).rejects.toMatchObject({
    code: 'REQUEST_TOO_LARGE',
  });
  await expect(decompressed(text, 'br', 1 << 20, somebody)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  await expect(decompressed(text, 'gzip', 1 << 20, somebody)).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' });
  await expect(decompressed(gzipSync(text).subarray(0, 20), 'gzip', 1 << 20, somebody)).rejects.toMatchObject({
    code: 'REQUEST_MALFORMED',
  });
});

it('unpacks nothing for who is gone', async () => {
  const gone = { address: undefined, isGone: () => true };
  await expect(decompressed(gzipSync(text), 'gzip', 1 << 20, gone)).rejects.toThrow(/its sender is gone/);
});

it('compresses for those who ask for exactly that', () => {
  expect(['gzip', 'deflate', 'gzip, deflate, br', '*', undefined].map(wantedEncoding)).toEqual([
    'gzip',
    'deflate',
    undefined,
    undefined,
    undefined,
  ]);
});
