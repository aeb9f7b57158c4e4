import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { giveBackStartMemory } from '#adapters/config';
import { YamlManifestParser } from '#adapters/json-schema';
import { seededRandom } from './seeded-random.ts';

const MANIFESTS = Number(process.env['SLIPWAY_FUZZ_FILES'] ?? 10_000);
/** Of the thread's own computing: others may use the machine, too. */
const MAX_PARSING_MS = 1000;
const MAX_GROWTH_MIB = 200;
/** Of what is left when all garbage is gone. */
const MAX_KEPT_MIB = 50;
/** So often garbage is collected: how much of it V8 lets lie is a matter of the machine. */
const COLLECTED_EVERY = 500;
/** So large may a manifest be; what takes long is found with a part of it. */
const LARGE_BYTES = 100_000;

const originals = [
  'deployments/champion.yaml',
  'deployments/digits.yaml',
  'deployments/sentiment.yaml',
  'payments/fraud-detection.yaml',
].map((path) => readFileSync(join(import.meta.dirname, '../../gitops', path), 'utf8'));
const words = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '? ',
  '|',
  '>',
  '&a ',
  '*a',
  '!!binary ',
  '!!set ',
  '!<tag:x> ',
  '<<: *a',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '#',
  '"',
  "'",
  '\\x00',
  '\t',
  '\r\n',
  '\u0000',
  '\ufeff',
  '\ud83d',
  '🚢',
  '__proto__: ',
  'constructor: ',
  '~',
  '1e999',
  '-0',
  '0x7fffffffffffffff',
  '99999999999999999999',
  '2026-13-45',
  'yes',
  'spec:\n',
  'metadata:\n',
  'version: ',
  '\n  ',
  '\n',
];
const { count, pick } = seededRandom(7_421);

/** Whatever grows faster than its text, where a parser is not careful. */
function large(): string {
  const repeated = (unit: string) => unit.repeat(count(LARGE_BYTES / unit.length));
  const unit = pick([
    '[',
    '{',
    '- ',
    '? ',
    '{a: ',
    '[[',
    '!!map {',
    '&a [*a, ',
    '---\n',
    '"',
    '# ',
    'a:\n',
    ' ',
    '&a ',
    '*a ',
    '| ',
    '\t',
  ]);
  const bomb = ['a: &a [x]', ...Array.from({ length: count(40) }, (_, level) => `b${level}: &a [*a, *a, *a, *a]`)].join(
    '\n',
  );
  const keys = Array.from({ length: count(3000) }, (_, key) => `k${key}: ${pick(words)}`).join('\n');
  return pick([() => repeated(unit), () => `${pick(originals)}\n${repeated(unit)}`, () => bomb, () => keys])();
}

function mutant(): string {
  if (count(20) === 0) return large();
  let text = pick(originals);
  for (let edits = count(8); edits >= 0; edits -= 1) {
    const at = count(text.length);
    const rest = at + count(pick([1, 3, 40]));
    text =
      text.slice(0, at) +
      pick([() => '', () => pick(words), () => text.slice(at, rest).repeat(3), () => pick(originals)])() +
      text.slice(rest);
  }
  return text;
}

it(`${MANIFESTS} mutated manifests: each is read or refused, quickly and in little memory`, () => {
  const parser = new YamlManifestParser();
  const outcomes = { deployment: 0, policy: 0, invalid: 0 };
  let slowest = { ms: 0, text: '' };
  /** In each half. */
  const mostBytes: [number, number] = [0, 0];
  let halfwayBytes = 0;
  for (let manifest = 0; manifest < MANIFESTS; manifest += 1) {
    const text = mutant();
    const before = process.threadCpuUsage();
    for (const { kind } of parser.parse(text)) outcomes[kind] += 1;
    const { user, system } = process.threadCpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > slowest.ms) slowest = { ms, text };
    const half = manifest < MANIFESTS / 2 ? 0 : 1;
    mostBytes[half] = Math.max(mostBytes[half], process.memoryUsage.rss());
    if (manifest % COLLECTED_EVERY === 0) giveBackStartMemory();
    if (manifest === Math.floor(MANIFESTS / 2)) halfwayBytes = neededBytes();
  }
  const growth = (mostBytes[1] - mostBytes[0]) / 1024 ** 2;
  const kept = (neededBytes() - halfwayBytes) / 1024 ** 2;
  console.info(
    `${JSON.stringify(outcomes)}, the slowest in ${slowest.ms.toFixed(0)} ms, memory grew by ${growth.toFixed(0)} MiB in the second half, ${kept.toFixed(0)} MiB stay`,
  );
  expect(outcomes.deployment).toBeGreaterThan(MANIFESTS / 50);
  expect(outcomes.invalid).toBeGreaterThan(MANIFESTS / 10);
  expect(slowest.ms, `${slowest.text.slice(0, 200)}…`).toBeLessThan(MAX_PARSING_MS);
  expect(growth).toBeLessThan(MAX_GROWTH_MIB);
  expect(kept).toBeLessThan(MAX_KEPT_MIB);
});

function neededBytes(): number {
  giveBackStartMemory();
  return process.memoryUsage.rss();
}
