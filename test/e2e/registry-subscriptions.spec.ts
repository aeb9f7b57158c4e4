import { rmSync } from 'node:fs';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RegistryClient } from '#adapters/registry-client';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
let server: SlipwayServer;
let subscriber: Client;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
  subscriber = createClient({
    url: `${server.registry.replace('http', 'ws')}/graphql`,
    connectionParams: { 'slipway-actor': 'ada' },
  });
});

afterAll(async () => {
  await subscriber?.dispose();
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** What a subscription brings, as it comes; `until` answers once something was told that fits. */
function subscribe(query: string) {
  const told: unknown[] = [];
  let wake = () => {};
  let failure: unknown;
  const unsubscribe = subscriber.subscribe(
    { query },
    {
      next: (result) => {
        told.push(result);
        wake();
      },
      error: (error) => {
        failure = error;
        wake();
      },
      complete: () => wake(),
    },
  );
  const until = async (isIt: (result: string) => boolean) => {
    while (failure === undefined && !told.some((result) => isIt(JSON.stringify(result)))) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    unsubscribe();
    return { told, failure };
  };
  return { until, told };
}

it('versions, aliases and rollouts are told as they change', async () => {
  const versions = subscribe('subscription { versionRegistered(filter: "metrics.accuracy > 0.9") { version stage } }');
  const aliases = subscribe(
    'subscription { aliasChanged(model: "digits") { alias version updatedBy history { version } } }',
  );
  const rollouts = subscribe('subscription { rolloutChanged(deployment: "digits") { phase stableVersion } }');
  const events = subscribe('subscription { events(actions: [ALIAS_MOVED]) { action actor before after } }');
  await new Promise((resolve) => setTimeout(resolve, 300));

  await serveDigits(server, 2);
  const registry = new RegistryClient(server.registry, { actor: 'grace' });
  await registry.call('setAlias', { input: { namespace: 'default', model: 'digits', alias: 'champion', version: 2 } });

  const { told } = await versions.until((text) => text.includes('"version":2'));
  // The first one's accuracy is below what was asked for.
  expect(told).toEqual([{ data: { versionRegistered: { version: 2, stage: 'DEVELOPMENT' } } }]);
  expect((await aliases.until(() => true)).told).toEqual([
    { data: { aliasChanged: { alias: 'champion', version: 2, updatedBy: 'grace', history: [{ version: 2 }] } } },
  ]);
  expect((await events.until(() => true)).told).toMatchObject([
    { data: { events: { action: 'ALIAS_MOVED', actor: 'grace', before: null, after: { version: 2 } } } },
  ]);
  await rollouts.until((text) => text.includes('"phase":"stable","stableVersion":2'));
});

it.each([
  [
    'a filter that cannot be read',
    'subscription { versionRegistered(filter: "colour = 1") { version } }',
    'FILTER_INVALID',
  ],
  ['a name against the rule', 'subscription { aliasChanged(model: "No") { alias } }', 'NAME_INVALID'],
  ['a field that does not exist', 'subscription { aliasChanged { colour } }', 'INPUT_INVALID'],
  ['a query', '{ models { totalCount } }', 'INPUT_INVALID'],
  ['no document', 'subscription {', 'INPUT_INVALID'],
  [
    'fragments in a circle',
    'subscription { ...a } fragment a on Subscription { ...b } fragment b on Subscription { ...a }',
    'INPUT_INVALID',
  ],
  [
    'more aliases than any honest one',
    `subscription { aliasChanged { ${Array.from({ length: 20 }, (_, index) => `a${index}: alias`).join(' ')} } }`,
    'QUERY_TOO_COSTLY',
  ],
  ['a document without end', `subscription { aliasChanged { ${'alias '.repeat(5000)} } }`, 'INPUT_INVALID'],
])('%s is refused with its code', async (_, query, code) => {
  const { told, failure } = await subscribe(query).until(() => true);
  const [error] = (failure ?? (told[0] as { errors: unknown[] }).errors) as { extensions: object }[];
  expect(error?.extensions).toMatchObject({ code, retryable: false });
});

it('a command line that pushes meanwhile is not disturbed by a subscriber that goes away', async () => {
  const gone = createClient({ url: `${server.registry.replace('http', 'ws')}/graphql` });
  const iterator = gone.iterate({ query: 'subscription { events { id } }' });
  void iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await gone.dispose();
  const pushed = await runSlipway(server, ['model', 'push', 'other', `${digitsDirectory}/digits-1.onnx`]);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
});
