import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { collectBody } from './body-collector.ts';

const LIMIT = 200_000;

/** What becomes of a message that comes in such pieces. */
function collected(chunks: readonly Buffer[], declared?: number, ending: 'end' | 'error' = 'end') {
  const message = Object.assign(new EventEmitter(), {
    headers: declared === undefined ? {} : { 'content-length': String(declared) },
  });
  const told: (Buffer | Error | undefined)[] = [];
  collectBody(message as unknown as IncomingMessage, LIMIT, (error, body) => told.push(error ?? body));
  for (const chunk of chunks) message.emit('data', chunk);
  message.emit(ending, new Error('aborted'));
  return told;
}

const piece = (length: number, byte: number) => Buffer.from(new Uint8Array(length).fill(byte).buffer);

describe('collectBody', () => {
  it('gives the only piece as it is', () => {
    const chunk = piece(100, 7);
    const told = collected([chunk], 100);
    expect(told).toEqual([chunk]);
    expect(told[0]).toBe(chunk);
  });

  it.each([undefined, 150_000])('joins pieces, and gives back what they lay in (declared: %s)', (declared) => {
    const chunks = [piece(65_536, 1), piece(65_536, 2), piece(18_928, 3)];
    const told = collected(chunks, declared);
    expect(told).toEqual([Buffer.concat([piece(65_536, 1), piece(65_536, 2), piece(18_928, 3)])]);
    expect(chunks.map(({ byteLength }) => byteLength)).toEqual([0, 0, 18_928]);
  });

  it('is empty when nothing comes', () => {
    expect(collected([])).toEqual([Buffer.alloc(0)]);
  });

  it('refuses what is declared to be too long before it comes', () => {
    expect(collected([], LIMIT + 1)).toMatchObject([{ code: 'REQUEST_TOO_LARGE' }]);
  });

  it('refuses what turns out to be too long as soon as it does', () => {
    const told = collected([piece(150_000, 1), piece(50_001, 1), piece(1, 1)]);
    expect(told).toMatchObject([{ code: 'REQUEST_TOO_LARGE' }]);
  });

  it('refuses what is shorter than declared, or broke off', () => {
    expect(collected([piece(10, 1)], 11)).toMatchObject([{ code: 'REQUEST_MALFORMED' }]);
    expect(collected([piece(10, 1)], 11, 'error')).toMatchObject([{ code: 'REQUEST_MALFORMED' }]);
  });
});
