import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IndexedVersion, PageRequest, Selection, SortOrder, VisibleRecords } from '#application/registry';
import {
  ANONYMOUS,
  annotate,
  type Digest,
  deprecate,
  eventOf,
  type FilterExpression,
  type FilterValue,
  fieldType,
  initialStatus,
  type Model,
  type ModelName,
  type ModelVersion,
  matchesFilter,
  moveAlias,
  type Namespace,
  parseAliasName,
  parseFilter,
  type RegistryEvent,
  requestStage,
  type SemanticVersion,
  tombstone,
  VERSION_FIELDS,
  versionFieldReader,
} from '#domain/registry';
import { SqliteRegistryIndex } from './index.ts';

const namespace = 'default' as Namespace;
const at = '2026-01-01T00:00:00.000Z';
const by = ANONYMOUS;
const remark = { by, at, reason: '' };
const owners: Readonly<Record<string, string>> = { digits: 'Vision', fraud: 'fraud-eu' };
const teams = ['fraud', 'Vision', 'fraud-eu', 'ünïcode', ''];

/** Numbers from a seed, the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** A registry's worth of events: 3 models, 240 versions, statuses and aliases. */
function sampleEvents(): RegistryEvent[] {
  const random = randomFrom(7);
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const events: RegistryEvent[] = [];
  for (const name of ['digits', 'fraud', 'text'] as ModelName[]) {
    const written = { createdAt: at, createdBy: by, updatedAt: at, updatedBy: by, revision: 1 };
    const model: Model = {
      namespace,
      name,
      labels: { team: pick(teams) },
      ...(owners[name] === undefined ? {} : { owner: owners[name] }),
      description: `The ${name} model`,
      ...written,
    };
    events.push(eventOf('model', null, model));
    for (let number = 1; number <= 80; number += 1) events.push(...versionEvents(name, number, random, pick));
  }
  return events;
}

function versionEvents(
  model: ModelName,
  number: number,
  random: () => number,
  pick: <T>(values: readonly T[]) => T,
): RegistryEvent[] {
  const metrics = random() < 0.8 ? { accuracy: Math.round(random() * 20) / 20, loss: random() } : {};
  const version: ModelVersion = {
    namespace,
    model,
    version: number,
    draftId: `draft-${model}-${number}`,
    contentDigest: `sha256:${'0'.repeat(64)}` as Digest,
    createdAt: `2026-01-${String(1 + (number % 28)).padStart(2, '0')}T00:00:00.000Z`,
    createdBy: by,
    metadata: {
      metrics: metrics as Record<string, number>,
      parameters: random() < 0.5 ? { rate: pick(['0.1', '1e-3', 'auto', '10']) } : {},
      labels: random() < 0.7 ? { team: pick(teams), 'a b"c': 'quoted' } : {},
      trainingData: random() < 0.3 ? [{ name: pick(['mnist', 'MNIST', 'cifar']) }] : [],
      parents: number > 1 && random() < 0.5 ? [number - 1] : [],
      ...(random() < 0.5 ? { description: pick(['Größe matters', 'plain baseline', 'second_try 100%']) } : {}),
      ...(random() < 0.3 ? { semanticVersion: `1.${number}.0` as SemanticVersion } : {}),
    },
    signature: { inputs: [], outputs: [] },
    variants: [
      {
        target: pick(['cpu', 'cuda']),
        precision: 'fp32',
        format: 'onnx',
        files: [
          { path: 'm.onnx', digest: `sha256:${String(number % 9).repeat(64)}` as Digest, sizeBytes: 10 * number },
        ],
        opsets: { 'ai.onnx': 17 },
        producer: 'test',
      },
    ],
  };
  const events: RegistryEvent[] = [eventOf('version', null, version)];
  const status = initialStatus(version, version);
  const change = pick([
    undefined,
    requestStage(status, 'staging', remark, []),
    requestStage(status, 'staging', remark, ['staging']),
    deprecate(status, true, remark),
    tombstone(status, remark, []),
    annotate(status, { note: pick(teams) }, remark),
  ]);
  if (change !== undefined) events.push(eventOf('status', null, change));
  if (random() < 0.05) {
    const alias = parseAliasName(pick(['champion', 'challenger']));
    const target = { namespace, model, alias: parseAliasName(`${alias}-${number}`), version: number };
    events.push(eventOf('alias', null, moveAlias(undefined, { ...target, expected: 0, at, by })!));
  }
  return events;
}

const events = sampleEvents();
const open = (path = ':memory:', bucket = 'bucket') => SqliteRegistryIndex.open(path, bucket);
const openSized = (few: number, counted: number) => SqliteRegistryIndex.open(':memory:', 'bucket', { few, counted });
const fill = (index: SqliteRegistryIndex) => {
  for (let first = 0; first < events.length; first += 50) {
    index.apply({ sequence: 1 + first / 50, writer: 'w', events: events.slice(first, first + 50) });
  }
  return index;
};
const everything: Selection = { namespace: undefined, model: undefined, filter: undefined, search: undefined };
const page = (limit: number, from?: string, isBackward = false): PageRequest => ({ limit, from, isBackward });
const nameOf = ({ version }: IndexedVersion) => `${version.model}@${version.version}`;

/** All versions that a selection finds, by walking its pages. */
function walk(index: SqliteRegistryIndex, selection: Selection, order?: SortOrder, limit = 37, isBackward = false) {
  const names: string[] = [];
  for (let from: string | undefined, isMore = true; isMore; ) {
    const found = index.versions(selection, order, page(limit, from, isBackward));
    const part = found.entries.map(({ node }) => nameOf(node));
    if (isBackward) names.unshift(...part);
    else names.push(...part);
    isMore = isBackward ? found.hasPreviousPage : found.hasNextPage;
    from = (isBackward ? found.entries[0] : found.entries.at(-1))?.cursor;
  }
  return names;
}

let index: SqliteRegistryIndex;
let led: SqliteRegistryIndex;
let walked: SqliteRegistryIndex;
let all: IndexedVersion[];
beforeAll(() => {
  index = fill(open());
  led = fill(openSized(0, 100));
  walked = fill(openSized(-1, 0));
  const filter = parseFilter('tombstoned = true OR tombstoned = false', VERSION_FIELDS);
  all = walk(index, { ...everything, filter }).map((name) => {
    const [model, number] = name.split('@');
    return index.version(namespace, model as ModelName, Number(number))!;
  });
  expect(all).toHaveLength(240);
});

const fields = [
  ...Object.keys(VERSION_FIELDS.attributes),
  'metrics.accuracy',
  'metrics.loss',
  'metrics.absent',
  'parameters.rate',
  'labels.team',
  'labels.a b"c',
  'annotations.note',
];
const texts = [
  ...teams,
  'digits',
  'staging',
  'cuda',
  'mnist',
  '0.1',
  '1.40.0',
  'plain baseline',
  at,
  '%a%',
  '_',
  'champion-4',
];
const condition = fc.constantFrom(...fields).chain((field): fc.Arbitrary<FilterExpression> => {
  const type = fieldType(VERSION_FIELDS, field);
  const number = fc.oneof(fc.constantFrom(0, 0.5, 1, 40, 0.1, 10, 400), fc.double({ noNaN: true, min: -10, max: 900 }));
  const text = fc.constantFrom(...texts);
  const value: fc.Arbitrary<FilterValue> = { text, number, boolean: fc.boolean(), open: fc.oneof(text, number) }[type];
  const compare = fc.record({
    kind: fc.constant('compare' as const),
    field: fc.constant(field),
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value,
  }) as fc.Arbitrary<FilterExpression>;
  const among = fc.record({
    kind: fc.constant('in' as const),
    field: fc.constant(field),
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
  }) as fc.Arbitrary<FilterExpression>;
  const exists = fc.constant<FilterExpression>({ kind: 'exists', field });
  const like = fc
    .string({ unit: fc.constantFrom('%', '_', 'a', 'R', 'd', 'i', 'ü', '-'), maxLength: 6 })
    .map((pattern): FilterExpression => ({ kind: 'like', field, pattern }));
  return type === 'text' || type === 'open' ? fc.oneof(compare, among, exists, like) : fc.oneof(compare, among, exists);
});
const expression = fc.letrec<{ any: FilterExpression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.record({ kind: fc.constantFrom('and', 'or'), terms: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), term: tie('any') }),
  ) as fc.Arbitrary<FilterExpression>,
})).any;

describe('filters', () => {
  it.each([
    ['looked up', () => index],
    ['read along an index', () => led],
    ['walked', () => walked],
  ])('find in SQL what they mean in the domain, %s', (_, choose) => {
    const index = choose();
    const isTombstonedNamed = (filter: FilterExpression) => JSON.stringify(filter).includes('"tombstoned"');
    fc.assert(
      fc.property(expression, (filter) => {
        const expected = all.filter(({ version, status, aliases }) => {
          if (!isTombstonedNamed(filter) && status.tombstone !== undefined) return false;
          return matchesFilter(filter, versionFieldReader(version, status, { aliases, owner: owners[version.model] }));
        });
        const found = index.versions({ ...everything, filter }, undefined, page(200));
        expect(found.entries.map(({ node }) => nameOf(node))).toEqual(expected.map(nameOf).slice(0, 200));
        expect(index.countVersions({ ...everything, filter })).toBe(expected.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('pages', () => {
  const orders: (SortOrder | undefined)[] = [
    undefined,
    ...['version', 'createdAt', 'semanticVersion', 'description', 'metrics.accuracy', 'labels.team'].flatMap(
      (field) => [
        { field, isDescending: true },
        { field, isDescending: false },
      ],
    ),
  ];
  it.each(orders)('in the order %j are the same list forward, backward and in any size', (order) => {
    const once = walk(index, everything, order, 200);
    expect(new Set(once).size).toBe(once.length);
    for (const size of [1, 7, 100]) {
      expect(walk(index, everything, order, size)).toEqual(once);
      expect(walk(index, everything, order, size, true)).toEqual(once);
    }
  });

  it('put entries without a value last, in both directions', () => {
    for (const isDescending of [true, false]) {
      const found = walk(index, everything, { field: 'metrics.accuracy', isDescending }, 50);
      const values = found.map(
        (name) => all.find((version) => nameOf(version) === name)?.version.metadata.metrics['accuracy'],
      );
      const known = values.filter((value) => value !== undefined);
      expect(values.slice(0, known.length)).toEqual(known);
      expect(known).toEqual(known.toSorted((left, right) => (isDescending ? right - left : left - right)));
    }
  });

  it('go on at a cursor although entries came in between', () => {
    const copy = fill(open());
    const first = copy.versions(everything, undefined, page(10));
    const [newest] = all;
    const version = { ...newest!.version, version: 81, draftId: 'later', model: 'text' as ModelName };
    copy.apply({ sequence: copy.position + 1, writer: 'w', events: [eventOf('version', null, version)] });
    const second = copy.versions(everything, undefined, page(10, first.entries.at(-1)?.cursor));
    expect([...first.entries, ...second.entries].map(({ node }) => nameOf(node))).toEqual(
      walk(index, everything).slice(0, 20),
    );
  });

  it.each(['', 'x', '{}', Buffer.from('[1]').toString('base64url'), Buffer.from('["a",1]').toString('base64url')])(
    'refuse %j as a cursor',
    (from) => {
      expect(() => index.versions(everything, undefined, page(10, from))).toThrow(/cursor/);
    },
  );

  it.each([0, -1, 201, 1.5, Number.NaN])('refuse %j entries', (limit) => {
    expect(() => index.versions(everything, undefined, page(limit))).toThrow(/must be 1 to 200/);
  });

  it('cannot be ordered by a field of several values', () => {
    expect(() => index.versions(everything, { field: 'target', isDescending: true }, page(5))).toThrow(/cannot sort/);
  });
});

describe('events that can be seen', () => {
  const inOrder = () => events.toReversed();
  const seen = (visible: VisibleRecords) => {
    const selection = { namespace: undefined, model: undefined, version: undefined, actions: undefined, visible };
    return index.events(selection, page(200)).entries.map(({ node }) => node.id);
  };
  const idsOf = (some: readonly RegistryEvent[]) => some.map(({ id }) => id).slice(0, 200);
  const numberIn = ({ after }: RegistryEvent) => ('version' in after ? after.version : 0);

  it('are those of versions that a filter finds, as they are now', () => {
    fc.assert(
      fc.property(expression, (versions) => {
        const visible = new Set(
          all
            .filter(({ version, status, aliases }) => {
              return matchesFilter(
                versions,
                versionFieldReader(version, status, { aliases, owner: owners[version.model] }),
              );
            })
            .map(nameOf),
        );
        const expected = inOrder().filter(
          (event) => 'model' in event.after && visible.has(`${event.after.model}@${numberIn(event)}`),
        );
        expect(seen({ versions, models: 'none', namespaces: [] })).toEqual(idsOf(expected));
      }),
      { numRuns: 300 },
    );
  });

  it('are those of models and namespaces, each by itself', () => {
    const isOfModel = (event: RegistryEvent) =>
      event.kind === 'model' || (event.kind === 'alias' && event.after.version === 0);
    const fraud: FilterExpression = { kind: 'compare', field: 'owner', operator: '=', value: 'fraud-eu' };
    const ofFraud = inOrder().filter(
      (event) => isOfModel(event) && (event.kind === 'model' ? event.after.name : '') === 'fraud',
    );
    expect(ofFraud).toHaveLength(1);
    expect(seen({ versions: 'none', models: fraud, namespaces: [] })).toEqual(idsOf(ofFraud));
    expect(seen({ versions: 'none', models: 'all', namespaces: [] })).toEqual(idsOf(inOrder().filter(isOfModel)));
    expect(seen({ versions: 'none', models: 'none', namespaces: [namespace] })).toEqual([]);
    expect(seen({ versions: 'all', models: 'all', namespaces: 'all' })).toEqual(idsOf(inOrder()));
  });
});

describe('full-text search', () => {
  const find = (search: string) => walk(index, { ...everything, search });
  it('finds words of names, descriptions, labels and parameters, whatever their case and accents', () => {
    const described = all.filter(
      ({ version, status }) => version.metadata.description === 'Größe matters' && !status.tombstone,
    );
    expect(find('GROSSE matters')).toEqual([]);
    expect(find('grÖße MATT')).toEqual(described.map(nameOf));
    expect(find('vision digits').length).toBeGreaterThan(0);
    expect(find('vision digits').every((name) => name.startsWith('digits@'))).toBe(true);
  });

  it.each(['"', "' OR 1=1 --", 'NEAR(a b)', '* ^ : -', 'a AND', '\0', '('.repeat(100)])(
    'takes %j as words, not as syntax',
    (search) => {
      expect(() => find(search)).not.toThrow();
    },
  );
});

describe('the file', () => {
  const file = () => join(mkdtempSync(join(tmpdir(), 'index-')), 'registry.db');

  it('keeps its content, and is built anew for another bucket or when it is damaged', () => {
    const path = file();
    fill(open(path)).close();
    const again = open(path);
    expect(walk(again, everything)).toEqual(walk(index, everything));
    again.close();
    const other = open(path, 'another bucket');
    expect(other.position).toBe(0);
    other.close();
    writeFileSync(path, 'not a database, but long enough to look at'.repeat(1000));
    expect(open(path).position).toBe(0);
  });

  it('is refused while another registry has it open', () => {
    const path = file();
    const first = open(path);
    expect(() => open(path)).toThrow(/in use by another registry/);
    first.close();
  });

  it('ignores batches from before, and refuses a gap', () => {
    const copy = fill(open());
    expect(copy.apply({ sequence: 1, writer: 'w', events: events.slice(0, 5) })).toEqual([]);
    expect(() => copy.apply({ sequence: 99, writer: 'w', events: [] })).toThrow(/cannot follow/);
    expect(copy.apply({ sequence: copy.position + 1, writer: 'w', events: events.slice(0, 5) })).toEqual([]);
    expect(walk(copy, everything)).toEqual(walk(index, everything));
  });
});
