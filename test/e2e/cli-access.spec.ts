import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram } from '../../apps/cli/program.module.ts';
import { type AccessServer, startAccessServer } from './access-server.ts';
import { expected, failureOf, outcomeOf, ROWS, type Row } from './cli-access-matrix.ts';
import { postGraphql } from './registry-fixture.ts';
import { runInProcess } from './run-in-process.ts';
import { digitsDirectory } from './serve-digits.ts';

/** Those who do not see what an endless command waits for are told of nothing; those who do are told at once. */
const ENDLESS_MS = 500;
/** They start the programs, in processes of their own: `quickstart.spec.ts` and all others here run them. */
const STARTERS = ['serve', 'quickstart'];
const NOWHERE = 'http://127.0.0.1:9';

const root = mkdtempSync(join(tmpdir(), 'slipway-cli-access-'));
let server: AccessServer;
let spareKey: string;
let folders = 0;

/** The words of a row, with something fresh where it wants that. */
function wordsOf({ words }: Row): string[] {
  folders += 1;
  const values: Readonly<Record<string, string>> = {
    folder: join(root, `folder-${folders}`),
    triton: join(root, 'triton'),
    backup: join(root, 'backup'),
    policies: join(root, 'policies'),
    plugins: join(root, 'plugins'),
    signingKey: join(root, 'signing.key'),
    publicKey: join(root, 'signing.pub'),
    key: spareKey,
  };
  return words.split(' ').map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''));
}

/** Runs a row as somebody. */
function run(row: Row, key: string | undefined) {
  const at = (['registry', 'gateway', 'controller'] as const).flatMap((program) => [`--${program}`, server[program]]);
  return runInProcess(
    [...at, '--repo', server.git, ...wordsOf(row)],
    // A folder without an administrator's key.
    { SLIPWAY_STATE_DIR: root, SLIPWAY_API_KEY: key },
    row.isEndless === true ? { afterMs: ENDLESS_MS } : undefined,
  );
}

/** The commands that do something, by their words. */
function verbsOf(command: Command, path: readonly string[] = []): string[] {
  const below = command.commands.filter((child) => child.name() !== 'help');
  if (below.length === 0) return [path.join(' ')];
  return below.flatMap((child) => verbsOf(child, [...path, child.name()]));
}

beforeAll(async () => {
  server = await startAccessServer();
  spareKey = (await server.makeKey('spare')).id;
  const alias = 'mutation { setAlias(input: { model: "digits", version: 2, alias: "kept" }) { __typename } }';
  expect((await postGraphql(server.registry, { query: alias }, server.adminKey)).errors).toBeUndefined();
  mkdirSync(join(root, 'triton/digits/1'), { recursive: true });
  cpSync(join(digitsDirectory, 'digits-1.onnx'), join(root, 'triton/digits/1/model.onnx'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(root, 'signing.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(root, 'signing.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  mkdirSync(join(root, 'policies'));
  writeFileSync(
    join(root, 'policies/one.yaml'),
    'apiVersion: slipway.dev/v1\nkind: Policy\nmetadata: { name: one }\nspec: { bindings: [{ role: viewer, subjects: [{ everyone: true }] }] }\n',
  );
}, 60_000);
afterAll(async () => {
  await server?.remove();
  rmSync(root, { recursive: true, force: true });
});

describe('what may be done by the command line', () => {
  const asking = ROWS.flatMap(({ asked, ...row }) => (asked === 'no program' ? [] : [{ ...row, asked }]));

  it('is decided for every command that there is', () => {
    const verbs = verbsOf(openProgram());
    const verbOf = ({ words }: Row) => verbs.find((verb) => words === verb || words.startsWith(`${verb} `)) ?? words;
    expect([...new Set(ROWS.map(verbOf))].sort()).toEqual(verbs.sort());
  });

  it('follows the table, for each role at home and elsewhere', async () => {
    for (const asker of server.askers)
      for (const row of asking) {
        const outcome = outcomeOf(row, await run(row, asker.key), asker.role === 'nobody');
        expect([asker.name, row.words, outcome]).toEqual([asker.name, row.words, expected(row.asked, asker)]);
      }
  }, 120_000);

  it('is nothing for a credential that is not valid', async () => {
    const wrong = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
    for (const row of asking) {
      const result = await run(row, wrong);
      expect([row.words, failureOf(result), result.exitCode]).toEqual([row.words, 'UNAUTHENTICATED', row.failure ?? 1]);
      expect(result.stdout).toBe('');
    }
  }, 60_000);

  it('is everything for the administrator', async () => {
    for (const row of asking)
      expect([row.words, outcomeOf(row, await run(row, server.adminKey))]).toEqual([row.words, 'passed']);
  }, 60_000);

  it('asks no program where the table says so', async () => {
    const nowhere = (['registry', 'gateway', 'controller', 'repo'] as const).flatMap((name) => [`--${name}`, NOWHERE]);
    const runThere = async (row: Row, storeDir: string) => {
      const environment = { SLIPWAY_STATE_DIR: root, SLIPWAY_API_KEY: undefined, SLIPWAY_STORE_DIR: storeDir };
      const result = await runInProcess([...nowhere, ...wordsOf(row)], environment);
      expect([row.words, result.exitCode, result.stderr]).toEqual([row.words, 0, '']);
    };
    const bucket = join(server.stateDir, 'store');
    await runThere({ words: 'registry backup {backup}', asked: 'no program' }, bucket);
    for (const row of ROWS) {
      if (row.asked !== 'no program' || STARTERS.includes(row.words)) continue;
      await runThere(row, row.words.includes('restore') ? join(root, 'restored') : bucket);
    }
    // And the others do.
    for (const row of asking.filter(({ isEndless }) => isEndless !== true)) {
      const environment = { SLIPWAY_STATE_DIR: root, SLIPWAY_API_KEY: server.adminKey };
      const { stderr } = await runInProcess([...nowhere, ...wordsOf(row)], environment);
      expect([row.words, stderr]).toEqual([row.words, expect.stringMatching(/cannot be reached/)]);
    }
  }, 60_000);
});
