import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuditEntry,
  type BatchBefore,
  boundedEntry,
  decodeAuditBatch,
  EMPTY_CHAIN,
  encodeAuditBatch,
  linkProblems,
} from './index.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const at = '2026-11-30T00:00:00.000Z';

/** A chain of batches of entries, as their bytes. */
function chainOf(batches: readonly (readonly AuditEntry[])[]): Uint8Array[] {
  let previousSha256 = EMPTY_CHAIN.sha256;
  return batches.map((entries, index) => {
    const head = { sequence: index + 1, previousSha256, at, program: 'registry', process: 'p', number: index + 1 };
    const bytes = encodeAuditBatch({ ...head, entries }, sha256);
    previousSha256 = sha256(bytes);
    return bytes;
  });
}

/** Whether whoever goes along a chain finds something wrong. */
function isIntact(chain: readonly Uint8Array[]): boolean {
  let before: BatchBefore = { sha256: EMPTY_CHAIN.sha256, isChained: true };
  return chain.every((bytes, index) => {
    const problems = linkProblems({ sequence: index + 1, bytes, link: linkIn(bytes) }, before, sha256);
    before = { sha256: sha256(bytes), isChained: true };
    return problems.length === 0;
  });
}

function linkIn(bytes: Uint8Array) {
  try {
    return decodeAuditBatch(bytes);
  } catch {
    return undefined;
  }
}

const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString().split('\n').slice(0, -1);
const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

const entry: fc.Arbitrary<AuditEntry> = fc.record({
  at: fc.constant(at),
  kind: fc.constantFrom('login', 'denied', 'change'),
  action: fc.string({ unit: 'grapheme' }),
  detail: fc.string({ unit: 'grapheme', maxLength: 40 }),
});
const batches = fc.array(fc.array(entry, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
const anyIndex = fc.nat({ max: 1_000_000 });

/** A chain in which one line of one batch was changed. */
function withLines(chain: readonly Uint8Array[], which: number, change: (lines: string[], line: number) => string[]) {
  const all = chain.flatMap((bytes, batch) => linesOf(bytes).map((_, line) => ({ batch, line })));
  const place = all[which % all.length];
  return chain.map((bytes, batch) => (batch === place?.batch ? bytesOf(change(linesOf(bytes), place.line)) : bytes));
}

describe('a chain of batches', () => {
  it('is intact as it was written, and says again what was put in', () => {
    fc.assert(
      fc.property(batches, (written) => {
        const chain = chainOf(written);
        expect(isIntact(chain)).toBe(true);
        expect(chain.map((bytes) => decodeAuditBatch(bytes).entries)).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it('tells of every line that was taken out, put in twice or exchanged with its neighbour', () => {
    fc.assert(
      fc.property(batches, anyIndex, (written, which) => {
        const chain = chainOf(written);
        expect(isIntact(withLines(chain, which, (lines, line) => lines.toSpliced(line, 1)))).toBe(false);
        expect(isIntact(withLines(chain, which, (lines, line) => lines.toSpliced(line, 0, lines[line] ?? '')))).toBe(
          false,
        );
        const exchanged = withLines(chain, which, (lines, line) => {
          const other = line === 0 ? 1 : line - 1;
          return lines.with(line, lines[other] ?? '').with(other, lines[line] ?? '');
        });
        const isSame = exchanged.every((bytes, at) => Buffer.from(bytes).equals(chain[at] ?? Buffer.of()));
        expect(isIntact(exchanged)).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });

  it('tells of every byte that was changed', () => {
    fc.assert(
      fc.property(batches, anyIndex, fc.integer({ min: 1, max: 255 }), (written, which, flip) => {
        const chain = chainOf(written);
        const sizes = chain.reduce((sum, { byteLength }) => sum + byteLength, 0);
        let place = which % sizes;
        const changed = chain.map((bytes) => {
          const copy = Uint8Array.from(bytes);
          if (place >= 0 && place < copy.byteLength) copy[place] = (copy[place] ?? 0) ^ flip;
          place -= bytes.byteLength;
          return copy;
        });
        expect(isIntact(changed)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('tells of every batch before the last that was taken out, exchanged, or written anew with a seal of its own', () => {
    fc.assert(
      fc.property(batches, anyIndex, (written, which) => {
        fc.pre(written.length > 1);
        const chain = chainOf(written);
        const at = which % (chain.length - 1);
        expect(isIntact(chain.toSpliced(at, 1))).toBe(false);
        const [one, next] = [chain[at], chain[at + 1]] as [Uint8Array, Uint8Array];
        expect(isIntact(chain.with(at, next).with(at + 1, one))).toBe(false);
        const forged = { ...decodeAuditBatch(one), entries: [] };
        expect(isIntact(chain.with(at, encodeAuditBatch(forged, sha256)))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a batch from before there was a chain', () => {
  const bytes = Buffer.from('{"sequence":1}\n');
  const old = { sequence: 1, bytes, link: { sequence: 1 } };

  it('is taken as it is before a chain begins, and nowhere after', () => {
    expect(linkProblems(old, { sha256: EMPTY_CHAIN.sha256, isChained: false }, sha256)).toEqual([]);
    expect(linkProblems(old, { sha256: EMPTY_CHAIN.sha256, isChained: true }, sha256)).toHaveLength(2);
  });
});

it('entries stay small, whatever names and reasons came from outside', () => {
  const long = 'x'.repeat(100_000);
  const attributes = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`labels.${index}${long}`, long]));
  const principal = { kind: 'user', id: long, credential: 'token' };
  const entry = boundedEntry({ at, kind: 'denied', principal, action: long, resource: long, detail: long, attributes });
  expect(JSON.stringify(entry).length).toBeLessThan(16_384);
  expect(Object.keys(entry)).not.toContain('field');
});
