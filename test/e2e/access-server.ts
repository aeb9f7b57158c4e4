import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROLES, type RoleName } from './access-matrix.ts';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { postGraphql } from './registry-fixture.ts';
import { serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

/** Who asks: a role in the namespace of the digits, or in another one. */
export interface Asker {
  readonly name: string;
  readonly role: RoleName;
  readonly isAtHome: boolean;
  readonly key: string | undefined;
}

/** An all-in-one where policies decide, with two versions of the digits, and somebody of every role. */
export interface AccessServer extends SlipwayServer {
  readonly adminKey: string;
  readonly askers: readonly Asker[];
  /** The key of one of them. */
  keyOf(name: string): string | undefined;
  makeKey(workload: string): Promise<{ readonly key: string; readonly id: string }>;
  /** Stops it, and removes what it leaves. */
  remove(): Promise<void>;
}

/** The header that shows a key. */
export const shown = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

/** @param more of the policy, below `spec`. */
export async function startAccessServer(more = '', settings: Record<string, string> = {}): Promise<AccessServer> {
  const server = await startSlipwayServer(freshStateDirectory(), {
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ACCESS_POLL_MS: '100',
    ...settings,
  });
  const adminKey = readFileSync(join(server.stateDir, 'admin.key'), 'utf8').trim();
  const makeKey = (workload: string) => makeKeyAt(server, adminKey, workload);
  commitFiles(server.git, { 'access.yaml': policyWith(more) }, 'Who may do what');
  const askers: Asker[] = [];
  for (const role of ROLES)
    for (const isAtHome of [true, false]) {
      const name = `${isAtHome ? 'home' : 'away'}-${role}`;
      askers.push({ name, role, isAtHome, key: role === 'nobody' ? undefined : (await makeKey(name)).key });
    }
  const keyOf = (name: string) => askers.find((asker) => asker.name === name)?.key;
  await serveDigits(server, 2, adminKey);
  const headers = shown(keyOf('home-viewer'));
  const ready = async () => (await fetch(`${server.gateway}/v2/models/digits/ready`, { headers })).status;
  await eventually('the policies are in force at the gateway', ready, (status) => status === 200);
  const seen = () => postGraphql(server.registry, { query: '{ models { totalCount } }' }, keyOf('home-viewer'));
  await eventually('and in the registry', seen, ({ data }) => JSON.stringify(data).includes('1'));
  const remove = async () => {
    await server.stop();
    rmSync(server.stateDir, { recursive: true, force: true });
  };
  return { ...server, adminKey, askers, keyOf, makeKey, remove };
}

function policyWith(more: string): string {
  const bindings = ROLES.filter((role) => role !== 'nobody').map(
    (role) => `    - { role: ${role}, subjects: [{ workload: home-${role} }], namespaces: [default] }
    - { role: ${role}, subjects: [{ workload: away-${role} }], namespaces: [elsewhere] }`,
  );
  return `apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: matrix }
spec:
  bindings:
${bindings.join('\n')}
${more}`;
}

async function makeKeyAt({ registry }: SlipwayServer, adminKey: string, workload: string) {
  const query = `mutation { createApiKey(input: { description: "for tests", workload: "${workload}" }) {
    key apiKey { id }
  } }`;
  const { data, errors } = await postGraphql(registry, { query }, adminKey);
  if (errors !== undefined) throw new Error(`no key for ${workload}: ${JSON.stringify(errors)}`);
  const made = data?.['createApiKey'] as { key: string; apiKey: { id: string } };
  return { key: made.key, id: made.apiKey.id };
}
