import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessServer, shown, startAccessServer } from '../e2e/access-server.ts';
import { eventually } from '../e2e/eventually.ts';
import { generatedIn, INEXACT, runSchemathesis } from './run-schemathesis.ts';

describe('the OpenAPI documents of a gateway where policies decide, whatever schemathesis sends', () => {
  let server: AccessServer;
  let idler: string;

  beforeAll(async () => {
    server = await startAccessServer();
    idler = (await server.makeKey('idler')).key;
    const isKnown = async () => (await fetch(`${server.gateway}/v2`, { headers: shown(idler) })).status;
    await eventually('the key is known', isKnown, (status) => status === 200);
  }, 60_000);
  afterAll(() => server?.remove());

  /** With the check `ignored_auth`, as with all others: what is answered to the key must be refused without it, and with another one. */
  const check = async (path: string, key: string | undefined, atLeast: number) => {
    const output = await runSchemathesis({
      url: `${server.gateway}${path}`,
      folder: server.stateDir,
      config: 'schemathesis-access.toml',
      // What is in the requests is tried out where access is open: here, few are enough.
      phases: 'examples,fuzzing',
      maxExamples: 3,
      // schemathesis knows the header in no other case.
      args: [...INEXACT, ...(key === undefined ? [] : ['--header', `Authorization: Bearer ${key}`])],
    });
    expect(generatedIn(output), output).toBeGreaterThan(atLeast);
  };

  it('hold for the administrator', () => check('/v2/openapi.json', server.adminKey, 60));

  it.each([
    ['the server', '/v2/openapi.json', 60],
    ['a model', '/v2/models/digits/openapi.json', 10],
  ])('hold for an invoker: that of %s', (_of, path, atLeast) => check(path, server.keyOf('home-invoker'), atLeast));

  it('hold for a key that may do nothing', () => check('/v2/openapi.json', idler, 60));

  it('hold for whoever shows nothing', () => check('/v2/openapi.json', undefined, 60));
});
