import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';

let registry: RegistryFixture;

const TEAMS = ['fraud', 'vision', 'search'] as const;

beforeAll(async () => {
  registry = await startRegistryFixture();
  for (let index = 0; index < 30; index += 1) {
    await registry.register(`model-${index % 3}`, {
      idempotencyKey: `version-${index}`,
      description: index % 5 === 0 ? 'Trained on card transactions' : 'A baseline',
      metrics: [{ name: 'accuracy', value: index / 30 }],
      labels: [{ name: 'team', value: TEAMS[index % 3] as string }],
    });
  }
});

afterAll(async () => registry?.stop());

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly { readonly model: string; readonly version: number }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}

const SELECT = 'totalCount nodes { model version } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

const versionsBy = async (args: string): Promise<Page> => {
  const { data, errors } = await registry.graphql(`{ versions(${args}) { ${SELECT} } }`);
  expect(errors).toBeUndefined();
  return data?.['versions'] as Page;
};
const names = ({ nodes }: Page) => nodes.map(({ model, version }) => `${model}@${version}`);

describe('finding versions', () => {
  it.each([
    [
      'metrics.accuracy > 0.5 AND labels.team = "fraud"',
      '{ metrics: [{ name: "accuracy", value: { gt: 0.5 } }], labels: [{ name: "team", value: { eq: "fraud" } }] }',
      4,
    ],
    [
      'labels.team IN ("vision", "search") AND NOT metrics.accuracy >= 0.2',
      '{ labels: [{ name: "team", value: { in: ["vision", "search"] } }], not: { metrics: [{ name: "accuracy", value: { gte: 0.2 } }] } }',
      4,
    ],
    [
      'description LIKE "%card%" OR model = "model-2"',
      '{ or: [{ description: { like: "%card%" } }, { model: { eq: "model-2" } }] }',
      14,
    ],
    [
      "stage = 'development' AND format = 'other' AND version <= 2",
      '{ stage: [DEVELOPMENT], format: [OTHER], version: { lte: 2 } }',
      6,
    ],
    ['metrics.recall EXISTS', '{ metrics: [{ name: "recall", exists: true }] }', 0],
  ])('%s means the same as text and typed', async (text, typed, count) => {
    const order = 'orderBy: { field: "metrics.accuracy", direction: DESC }, first: 200';
    const [byText, byType] = [
      await versionsBy(`filter: ${JSON.stringify(text)}, ${order}`),
      await versionsBy(`where: ${typed}, ${order}`),
    ];
    expect(byText.totalCount).toBe(count);
    expect(names(byText)).toHaveLength(count);
    expect(names(byType)).toEqual(names(byText));
    const both = await versionsBy(`filter: ${JSON.stringify(text)}, where: { version: { gt: 5 } }, ${order}`);
    expect(names(both)).toEqual(names(byText).filter((name) => Number(name.split('@')[1]) > 5));
  });

  it('by words, in any case and by their beginnings', async () => {
    expect((await versionsBy('search: "CARD transac"')).totalCount).toBe(6);
    expect((await versionsBy('search: "card nowhere"')).totalCount).toBe(0);
  });

  it('sorts, with what has no value last', async () => {
    const best = await versionsBy('orderBy: { field: "metrics.accuracy", direction: DESC }, first: 3');
    expect(names(best)).toEqual(['model-2@10', 'model-1@10', 'model-0@10']);
  });
});

describe('pages', () => {
  it('go forward and back over the same versions, while others come', async () => {
    const forward: string[] = [];
    const ends: Page['pageInfo'][] = [];
    let after = '';
    do {
      const page = await versionsBy(`model: "model-1", first: 4${after}`);
      forward.push(...names(page));
      ends.push(page.pageInfo);
      after = `, after: "${page.pageInfo.endCursor}"`;
      if (ends.length === 1) await registry.register('model-1', { idempotencyKey: 'in the meantime' });
    } while (ends.at(-1)?.hasNextPage === true);
    expect(forward).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((number) => `model-1@${number}`));

    const back = await versionsBy(`model: "model-1", last: 4, before: "${ends.at(-1)?.startCursor}"`);
    expect(names(back)).toEqual(['model-1@6', 'model-1@5', 'model-1@4', 'model-1@3']);
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  it.each([
    ['first: 201', /first/],
    ['first: -1', /first/],
    ['first: 2, last: 2', /last/],
    ['after: "what"', /cursor/],
  ])('versions(%s) is refused', async (args, problem) => {
    const { status, errors } = await registry.graphql(`{ versions(${args}) { ${SELECT} } }`);
    expect(status).toBe(200);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(problem),
      extensions: { code: 'INPUT_INVALID' },
    });
  });
});

describe('errors have a code and the path of the field', () => {
  const variants = `[{ files: [{ path: "m", digest: "sha256:${'0'.repeat(64)}", sizeBytes: 1 }] }]`;
  it.each([
    ['{ versions(filter: "metrics.accuracy >") { nodes { version } } }', 'FILTER_INVALID', 'filter', /at character 19/],
    ['{ versions(filter: "colour = 1") { nodes { version } } }', 'FILTER_INVALID', 'filter', /colour/],
    ['{ versions(filter: "version = \\"x\\"") { nodes { version } } }', 'FILTER_INVALID', 'filter', /number/],
    ['{ versions(orderBy: { field: "colour" }) { nodes { version } } }', 'FILTER_INVALID', 'orderBy.field', /colour/],
    ['{ versions(where: { and: [] }) { nodes { version } } }', 'FILTER_INVALID', 'where', /empty/],
    ['mutation { createModel(input: { name: "A" }) { name } }', 'NAME_INVALID', 'input.name', /A/],
    [
      `mutation { createVersion(input: { model: "model-0", variants: ${variants.replace('sha256:0', 'md5:0')} }) { id } }`,
      'INPUT_INVALID',
      'input.variants[0].files[0].digest',
      /digest/,
    ],
    [
      `mutation { createVersion(input: { model: "model-0", variants: ${variants.replace('"m"', '"../m"')} }) { id } }`,
      'INPUT_INVALID',
      'input.variants[0].files[0].path',
      /relative path/,
    ],
    [
      `mutation { createVersion(input: { model: "model-0", semanticVersion: "1.x", variants: ${variants} }) { id } }`,
      'NAME_INVALID',
      'input.semanticVersion',
      /1\.x/,
    ],
    [
      'mutation { setAlias(input: { model: "model-0", alias: "a", version: 99 }) { alias } }',
      'MODEL_VERSION_NOT_FOUND',
      undefined,
      /99/,
    ],
  ])('%s', async (query, code, field, problem) => {
    const { errors } = await registry.graphql(query);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({
      code,
      retryable: false,
      ...(field === undefined ? {} : { field }),
    });
    expect(errors?.[0]?.message).toMatch(problem);
  });
});

it('no query reads the bucket: with the bucket gone, the widest one is answered whole', async () => {
  const aside = `${registry.storeDir}-aside`;
  renameSync(registry.storeDir, aside);
  try {
    const { data, errors } = await registry.graphql(`{
      namespaces { nodes { name approvalStages } }
      models(first: 50) { totalCount nodes { name card owner aliases { alias history { version by } } latestVersion { version }
        versions(first: 50) { totalCount nodes { version stage aliases parents sizeBytes metrics { name value }
          variants { files { path digest downloadPath directDownload { url } } summary { parameterCount } } } } } }
      events(first: 50) { nodes { id action actor before after } }
    }`);
    expect(errors).toBeUndefined();
    const models = data?.['models'] as { nodes: { versions: { nodes: unknown[] } }[] } | undefined;
    expect(models?.nodes.flatMap(({ versions }) => versions.nodes)).toHaveLength(31);
  } finally {
    renameSync(aside, registry.storeDir);
  }
});
