import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolvePolicies } from '#domain/access';
import { YamlManifestParser } from './yaml-manifest-parser.ts';
import { YamlPolicyParser } from './yaml-policy-parser.ts';

const root = join(import.meta.dirname, '../../../..');
const parser = new YamlManifestParser();
const policyParser = new YamlPolicyParser();
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const filesOf = (pattern: string) => {
  const files = globSync(pattern, { cwd: root }).sort();
  if (files.length === 0) throw new Error(`nothing matches ${pattern}`);
  return files;
};
const shortest = 'apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: digits}\n';
const fields = (count: number) => Array.from({ length: count }, (_, key) => `k${key}: 1`).join('\n');

/** Parses with a look at the processor's time, which is not that of others on the machine. */
function parseTimed(text: string) {
  const before = process.cpuUsage();
  const parsed = parser.parse(text);
  const { user, system } = process.cpuUsage(before);
  return { parsed, cpuMs: (user + system) / 1000 };
}

/** Of three times, without what else the process had to do in the others. */
const leastCpuMs = (text: string) => Math.min(...[1, 2, 3].map(() => parseTimed(text).cpuMs));

describe('YamlManifestParser', () => {
  it.each([...filesOf('gitops/**/*.yaml'), ...filesOf('registry-schema/examples/valid/*.yaml')])(
    'accepts %s',
    (file) => {
      const text = textOf(file);
      const parsed = [...parser.parse(text).filter(({ kind }) => kind !== 'policy'), ...policyParser.parse(text)];
      expect(parsed).toHaveLength(1);
      expect(parsed.map((document) => (document.kind === 'invalid' ? document.message : ''))).toEqual(['']);
    },
  );

  it.each(filesOf('registry-schema/examples/invalid/*.yaml'))('refuses %s as its first line says', (file) => {
    const text = textOf(file);
    const expected = /^# expect: (.*)$/m.exec(text)?.[1] ?? '(no expectation)';
    const [parsed] = /^kind: Policy$/m.test(text) ? policyParser.parse(text) : parser.parse(text);
    expect(parsed).toMatchObject({ kind: 'invalid', message: expect.stringContaining(expected) });
  });

  it('leaves policies to those who read them, and keeps their place', () => {
    const text = `${textOf('gitops/access/payments.yaml')}---\n${shortest}spec: {model: digits, version: 7}`;
    expect(parser.parse(text).map(({ kind }) => kind)).toEqual(['policy', 'deployment']);
    expect(policyParser.parse(text).map(({ kind }) => kind)).toEqual(['policy']);
  });

  it('has policies as examples that fit together', () => {
    const policies = filesOf('gitops/access/*.yaml').flatMap((file) => policyParser.parse(textOf(file)));
    const resolved = resolvePolicies(policies.flatMap((parsed) => (parsed.kind === 'policy' ? [parsed.policy] : [])));
    expect(resolved).toMatchObject({ kind: 'resolved' });
  });

  it('reads labels beside what is released: they change nothing of that', () => {
    const head = shortest.replace('{name: digits}', '{name: digits, labels: {team: vision}}');
    const [labelled, bare] = [head, shortest].map(
      (text) => parser.parse(`${text}spec: {model: digits, version: 7}`)[0],
    );
    expect(labelled).toEqual({ ...bare, labels: { team: 'vision' } });
  });

  it('fills in the documented defaults', () => {
    const [manifest] = parser.parse(`${shortest}spec: {model: digits, version: 7}`);
    expect(manifest).toMatchObject({
      kind: 'deployment',
      spec: {
        namespace: 'default',
        name: 'digits',
        version: 7,
        deadlineMs: 10_000,
        maxConcurrency: 256,
        rollout: {
          strategy: 'canary',
          steps: [
            { kind: 'setWeight', weightPercent: 5 },
            { kind: 'analyse', minRequests: 500 },
            { kind: 'setWeight', weightPercent: 25 },
            { kind: 'analyse', minRequests: 1000 },
          ],
          fallbackToStable: true,
          progressDeadlineMs: 3_600_000,
          gates: [{ metric: 'error-rate', max: 0.01, against: 'stable', confidence: 0.999, minRequests: 20 }],
          writeBack: 'commit',
        },
      },
    });
  });

  it('takes several documents, and names the one that is wrong', () => {
    const good = `${shortest}spec: {model: digits, version: 1}`;
    const parsed = parser.parse(
      `${good}\n---\n${good.replace('name: digits', 'name: other')}\n---\n${shortest}spec: {}`,
    );
    expect(parsed.map((manifest) => manifest.kind)).toEqual(['deployment', 'deployment', 'invalid']);
    expect(parsed[2]).toMatchObject({ name: 'digits', message: expect.stringContaining('spec.model is required') });
  });

  it('knows a specification by what it says, not by how it is written', () => {
    const hashOf = (spec: string) => {
      const [manifest] = parser.parse(`${shortest}${spec}`);
      return manifest?.kind === 'deployment' ? manifest.specHash : undefined;
    };
    const hash = hashOf('spec: {model: digits, version: 1}');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf('spec:\n  version:   1 # one\n  model: "digits"\n')).toBe(hash);
    expect(hashOf('spec: {model: digits, version: 1, rollout: {retryToken: again}}')).not.toBe(hash);
  });

  it('survives what is no manifest at all', () => {
    for (const text of ['', '---\n---\n', '# only a comment']) expect(parser.parse(text)).toEqual([]);
    for (const text of ['just text', '[1, 2', '- a\n- b', '\t', '&a [*a, *a]', '{"a": ']) {
      expect(parser.parse(text).every((manifest) => manifest.kind === 'invalid')).toBe(true);
    }
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`)}]`)
      .join('\n')}`;
    expect(parser.parse(bomb)[0]).toMatchObject({ kind: 'invalid', message: expect.stringContaining('alias') });
  });

  it.each([
    ['towers of keys that are collections', '? '.repeat(600), 'a key must be a text'],
    ['aliases as keys', 'a: &a {x: 1}\n? *a\n: 2', 'line 2, column 3: a key must be a text'],
    ['towers of collections', `a: ${'['.repeat(100)}${']'.repeat(100)}`, 'is nested deeper than 64 levels'],
    ['a key that stands twice, deep inside', 'a: [{b: {c: 1, c: 2}}]', 'column 16: the key "c" must be unique'],
  ])('refuses %s, and soon', (_, text, message) => {
    const { parsed, cpuMs } = parseTimed(text);
    expect(parsed[0]).toMatchObject({ kind: 'invalid', message: expect.stringContaining(message) });
    expect(JSON.stringify(parsed[0]).length).toBeLessThan(10_000);
    expect(cpuMs).toBeLessThan(2000);
  });

  it('refuses more fields than anybody reads of, and tells of some', () => {
    const [parsed] = parser.parse(fields(50_000));
    expect(parsed).toMatchObject({ kind: 'invalid', message: expect.stringMatching(/; and \d+ more$/) });
    expect(JSON.stringify(parsed).length).toBeLessThan(10_000);
  });

  it('takes no more time for each field where there are many', () => {
    // Where each were compared with each, eight times as many would take 64 times as long.
    expect(leastCpuMs(fields(16_000))).toBeLessThan(24 * leastCpuMs(fields(2000)));
  });
});
