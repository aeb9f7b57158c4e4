import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshStateDirectory } from './quickstart-process.ts';
import { digitsDirectory } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
let server: SlipwayServer;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
});

afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

interface Reply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

const graphql = async (query: string, variables: object = {}): Promise<Reply> => {
  const response = await fetch(`${server.registry}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Reply;
};

describe('registering with nothing but HTTP', () => {
  const bytes = readFileSync(join(digitsDirectory, 'digits-1.onnx'));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const declare = `mutation ($file: ModelFileInput!) { createVersion(input: { model: "raw", idempotencyKey: "k",
    metrics: [{ name: "accuracy", value: 0.87 }], variants: [{ files: [$file] }] }) { id files { isUploaded uploadPath } } }`;
  let draft: { id: string; files: { isUploaded: boolean; uploadPath: string }[] };

  it('declares, uploads under any content type, finalises, and gives the bytes back', async () => {
    await graphql('mutation { createModel(input: { name: "raw" }) { name } }');
    const declared = await graphql(declare, { file: { path: 'model.onnx', digest, sizeBytes: bytes.byteLength } });
    draft = declared.data?.['createVersion'] as typeof draft;
    expect(draft.files[0]?.isUploaded).toBe(false);

    const finalize = `mutation { finalizeVersion(model: "raw", draftId: "${draft.id}") { version uri inputs { name } variants { files { downloadPath } } } }`;
    expect((await graphql(finalize)).errors?.[0]?.extensions).toMatchObject({
      code: 'DRAFT_INCOMPLETE',
      retryable: false,
    });

    const put = (type: string) =>
      fetch(`${server.registry}${draft.files[0]?.uploadPath}`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body: bytes,
      });
    expect((await put('application/json')).status).toBe(201);
    expect((await put('application/octet-stream')).status).toBe(200);

    const version = (await graphql(finalize)).data?.['finalizeVersion'];
    expect(version).toMatchObject({ version: 1, uri: 'slipway://default/raw/1', inputs: [{ name: 'pixels' }] });
    const { downloadPath } = (version as { variants: { files: { downloadPath: string }[] }[] }).variants[0]!.files[0]!;
    const download = await fetch(`${server.registry}${downloadPath}`);
    expect(download.headers.get('etag')).toBe(`"${digest}"`);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('refuses bytes that were not declared', async () => {
    const other = `${draft.files[0]?.uploadPath.slice(0, -64)}${'0'.repeat(64)}`;
    const response = await fetch(`${server.registry}${other}`, { method: 'PUT', body: 'x' });
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'FILE_NOT_DECLARED' }]);
  });
});

describe('documents that cost more than they should', () => {
  it.each([
    [
      'thousands of aliases',
      `{ ${Array.from({ length: 5000 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
      /tokens/i,
    ],
    [
      'more aliases than any honest one',
      `{ ${Array.from({ length: 20 }, (_, index) => `a${index}: models { nodes { name } }`).join(' ')} }`,
      /aliases/,
    ],
    ['text that is no query', '{ model(name: ', /Syntax Error/],
    ['a field that does not exist', '{ model(name: "x") { name secret } }', /Cannot query field "secret"/],
  ])('%s are refused', async (_, query, problem) => {
    const { data, errors } = await graphql(query);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(problem);
    expect(errors?.[0]?.extensions['code']).toMatch(/^(INPUT_INVALID|QUERY_TOO_COSTLY)$/);
    expect(JSON.stringify(errors)).not.toMatch(/node_modules|stacktrace/);
  });

  it.each(['../../etc/passwd', 'UPPER', 'a..b', '', '%2e%2e'])('the name %j is refused', async (name) => {
    const { errors } = await graphql('query ($name: String!) { model(name: $name) { name } }', { name });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NAME_INVALID', field: 'name' });
  });
});
