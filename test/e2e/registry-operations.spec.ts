import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryProcess } from '../servers/registry-process.ts';
import { postGraphql, type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';

const idOf = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (id: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });

describe('operations', () => {
  let registry: RegistryFixture;
  beforeAll(async () => {
    registry = await startRegistryFixture();
  });
  afterAll(async () => registry?.stop());

  it('are known by their hash once they were sent with their text', async () => {
    const query = '{ models { totalCount } }';
    const { url } = registry.process;
    expect((await postGraphql(url, persisted(idOf(query)))).errors?.[0]?.message).toBe('PersistedQueryNotFound');
    const forged = await postGraphql(url, { query: '{ __typename }', ...persisted(idOf(query)) });
    expect(forged.errors?.[0]?.message).toMatch(/sha/i);
    expect((await postGraphql(url, { query, ...persisted(idOf(query)) })).data).toEqual({ models: { totalCount: 0 } });
    expect((await postGraphql(url, persisted(idOf(query)))).data).toEqual({ models: { totalCount: 0 } });
  });

  it('come one by one: batches are refused', async () => {
    const reply = await postGraphql(registry.process.url, Array(3).fill({ query: '{ __typename }' }));
    expect(reply.status).toBe(400);
    expect(reply.data).toBeUndefined();
    expect(reply.errors?.[0]?.message).toMatch(/batch/i);
  });

  it('of mutations are not taken by GET, nor from a form of another site', async () => {
    const { url } = registry.process;
    const query = 'mutation { createNamespace(input: { name: "forged" }) { name } }';
    const get = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { 'x-apollo-operation-name': 'x' },
    });
    const form = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ query }),
    });
    expect([get.status, form.status].every((status) => status >= 400 && status < 500)).toBe(true);
    expect((await registry.graphql('{ namespace(name: "forged") { name } }')).data).toEqual({ namespace: null });
  });
});

describe('a registry with a safelist', () => {
  const listed = 'query Count { models { totalCount } }';
  const folder = mkdtempSync(join(tmpdir(), 'slipway-safelist-'));
  const manifest = join(folder, 'manifest.json');
  let registry: RegistryFixture;

  beforeAll(async () => {
    const operations = [{ id: idOf(listed), name: 'Count', type: 'query', body: listed }];
    writeFileSync(manifest, JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }));
    registry = await startRegistryFixture({ SLIPWAY_GRAPHQL_SAFELIST: manifest });
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('executes what is listed, by text or by id, and refuses the rest', async () => {
    const { url } = registry.process;
    expect((await registry.graphql(`${listed} # and a comment`)).data).toEqual({ models: { totalCount: 0 } });
    expect((await postGraphql(url, persisted(idOf(listed)))).data).toEqual({ models: { totalCount: 0 } });
    const other = 'query Count { models { totalCount nodes { name } } }';
    for (const body of [{ query: other }, { query: other, ...persisted(idOf(other)) }]) {
      const { status, errors } = await postGraphql(url, body);
      expect([status, errors?.[0]?.extensions]).toMatchObject([400, { code: 'QUERY_NOT_SAFELISTED' }]);
    }
    expect((await postGraphql(url, persisted(idOf(other)))).errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  it('goes on serving the command line', async () => {
    expect(await registry.register('digits')).toBe(1);
  });

  it('does not start with a list that it cannot read', async () => {
    writeFileSync(manifest, '{"format": "another"}');
    const environment = { SLIPWAY_GRAPHQL_SAFELIST: manifest, SLIPWAY_STORE_DIR: join(folder, 'store') };
    const starting = RegistryProcess.start({ ...environment, SLIPWAY_REGISTRY_INDEX: join(folder, 'index.db') });
    await expect(starting).rejects.toThrow(
      /manifest\.json is no manifest of persisted queries: its format is not known/,
    );
  });
});
