import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { RouteSnapshot } from '#generated/slipway/control/v1/control';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { commitManifest } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
const signersFile = join(stateDir, 'signers.yaml');
const at = (file: string) => join(stateDir, file);
let server: SlipwayServer;
let commits = 0;

/** Signers by what they may do here: `nobody` is known nowhere. */
const keys = Object.fromEntries(
  ['release', 'speech', 'auditor', 'nobody'].map((name) => [
    name,
    name === 'auditor' ? generateKeyPairSync('ec', { namedCurve: 'P-384' }) : generateKeyPairSync('ed25519'),
  ]),
);
const SIGNERS = `
- { name: release, publicKey: release.pub }
- { name: speech, publicKey: speech.pub, models: [speech/*] }
- { name: auditor, publicKey: auditor.pub }
`;

beforeAll(async () => {
  writeFileSync(signersFile, SIGNERS);
  for (const [name, { privateKey, publicKey }] of Object.entries(keys)) {
    writeFileSync(at(`${name}.key`), pemOf(privateKey, 'pkcs8'));
    writeFileSync(at(`${name}.pub`), pemOf(publicKey, 'spki'));
  }
  server = await startSlipwayServer(stateDir, { SLIPWAY_SIGNERS: signersFile });
  for (let version = 1; version <= 3; version += 1) {
    await slipway('model', 'push', 'digits', join(digitsDirectory, `digits-${version}.onnx`));
  }
});
afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const pemOf = (key: KeyObject, type: 'pkcs8' | 'spki') =>
  key.export({ type: type as 'spki', format: 'pem' }).toString();

const attempt = (...args: string[]) => runSlipway(server, args);
async function slipway(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await attempt(...args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}
const sign = (version: number, key: string) => attempt('model', 'sign', `digits@${version}`, '--key', at(`${key}.key`));

function deploy(version: number, ...signedBy: string[]): void {
  commits += 1;
  const require = signedBy.length === 0 ? '' : `  require: { signedBy: [${signedBy.join(', ')}] }\n`;
  const head = `# commit ${commits}\napiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: { name: digits }\n`;
  const spec = `spec:\n  model: digits\n  version: ${version}\n  rollout: { strategy: allAtOnce }\n${require}`;
  commitManifest(server.git, 'digits.yaml', head + spec);
}

/** Nothing until the controller has read the first commit. */
async function statusOf(): Promise<DeploymentStatus | undefined> {
  const answer = await fetch(`${server.controller}/v1/deployments/default/digits`);
  return answer.status === 404 ? undefined : ((await answer.json()) as DeploymentStatus);
}
async function untilStatus(what: string, isAccepted: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
  const status = await eventually(what, statusOf, (found) => found !== undefined && isAccepted(found), 30_000);
  return status as DeploymentStatus;
}
const untilTold = (text: string) =>
  untilStatus(`it says ${text}`, ({ events }) => events.some(({ message }) => message.includes(text)));
const servedBy = async (gateway = server.gateway) => {
  const response = await fetch(`${gateway}/v2/models/digits/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1) }] }),
  });
  return response.headers.get('slipway-served-by') ?? `status ${response.status}`;
};

describe('a deployment that requires a signer', () => {
  it('releases no version that is not signed, and goes on by itself when it is', async () => {
    deploy(1, 'release');
    const { events } = await untilTold('default/digits@1 must be signed by release, and has no signature');
    expect(events.at(-1)).toMatchObject({ code: 'VERSION_NOT_SIGNED', version: 1 });
    expect(await servedBy()).toBe('status 404');
    expect((await sign(1, 'release')).stdout).toBe('default/digits@1 is signed by release\n');
    await untilStatus('version 1 is stable', ({ stable }) => stable?.version === 1);
    expect(await servedBy()).toBe('1');
  });

  it('is not content with a signer whom it does not name; the version before serves on', async () => {
    await slipway('model', 'sign', 'digits@2', '--key', at('auditor.key'));
    deploy(2, 'release');
    await untilTold('default/digits@2 must be signed by release: it is signed by auditor');
    expect(await servedBy()).toBe('1');
    deploy(2, 'release', 'auditor');
    await untilStatus('version 2 is stable', ({ stable }) => stable?.version === 2);
  });

  it('keeps what it serves as it is while a commit asks for another signer of it', async () => {
    deploy(2, 'release');
    await untilStatus('the reason', ({ message }) => message.includes('digits@2 must be signed by release'));
    expect(await servedBy()).toBe('2');
    expect((await sign(2, 'release')).exitCode).toBe(0);
    await untilStatus('the commit is in force', ({ phase }) => phase === 'Healthy');
    expect(await servedBy()).toBe('2');
  });

  it('knows no signer but those of the setting', async () => {
    deploy(3, 'nobody');
    await untilTold(
      'must be signed by nobody, whose key is not known to this program: it knows release, speech, auditor',
    );
    expect(await servedBy()).toBe('2');
  });
});

describe('a signature', () => {
  it.each([
    [
      'of an unknown key',
      'nobody',
      /this does not sign digits@3: key [0-9a-f]{16} is of none .*\(VERSION_SIGNATURE_INVALID\)/,
    ],
    ['of a key for other models', 'speech', /this does not sign digits@3: speech may not sign for default\/digits/],
  ])('%s is not attached', async (_name, key, reason) => {
    const { exitCode, stderr } = await sign(3, key);
    expect(stderr).toMatch(reason);
    expect(exitCode).toBe(1);
  });

  it('that was changed, or is of another version, is not attached', async () => {
    await slipway('model', 'sign', 'digits@2', '--key', at('release.key'), '--output', at('two.sig'));
    const other = await attempt('model', 'sign', 'digits@3', '--bundle', at('two.sig'));
    expect(other.stderr).toContain('it is about default/digits@2, not about default/digits@3');
    await slipway('model', 'sign', 'digits@3', '--key', at('release.key'), '--output', at('three.sig'));
    const bundle = JSON.parse(readFileSync(at('three.sig'), 'utf8'));
    const sig = Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64');
    sig[10] = (sig[10] ?? 0) ^ 1;
    bundle.dsseEnvelope.signatures[0].sig = sig.toString('base64');
    writeFileSync(at('broken.sig'), JSON.stringify(bundle));
    const broken = await attempt('model', 'sign', 'digits@3', '--bundle', at('broken.sig'));
    expect(broken.stderr).toContain('or its signature is wrong');
    expect(await slipway('model', 'show', 'digits@3')).toMatch(/^signatures +-$/m);
  });

  it('is attached once, however often it is given, and is an event of its version', async () => {
    const { dsseEnvelope, ...rest } = JSON.parse(readFileSync(at('three.sig'), 'utf8'));
    const dressed = { more: 'x'.repeat(1000), ...rest, verificationMaterial: { publicKey: {} }, dsseEnvelope };
    writeFileSync(at('dressed.sig'), JSON.stringify(dressed, undefined, 8));
    for (const file of ['three.sig', 'three.sig', 'dressed.sig']) {
      const told = await slipway('model', 'sign', 'digits@3', '--bundle', at(file));
      expect(told).toBe('default/digits@3 is signed by release\n');
    }
    expect(await slipway('model', 'show', 'digits@3')).toMatch(/^signatures +release, attached by \S+ on \S+Z$/m);
    const query = '{ events(model: "digits", version: 3, first: 10) { nodes { action } } }';
    const answer = await fetch(`${server.registry}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await answer.json()) as { data: { events: { nodes: { action: string }[] } } };
    expect(data.events.nodes.filter(({ action }) => action === 'VERSION_SIGNED')).toHaveLength(1);
  });

  it('is verified with keys that one has', async () => {
    const verify = (...args: string[]) => attempt('model', 'verify', 'digits@3', ...args);
    expect(await verify('--signers', signersFile)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^default\/digits@3 is signed by release \(key [0-9a-f]{16}\)\n$/),
    });
    expect((await verify('--public-key', at('release.pub'))).exitCode).toBe(0);
    expect((await verify('--public-key', at('nobody.pub'))).exitCode).toBe(1);
    expect((await verify('--public-key', at('two.sig'))).exitCode).toBe(2);
    expect((await verify()).exitCode).toBe(2);
  });

  it('survives a backup, and the bucket with it is whole', async () => {
    const settings = { SLIPWAY_STORE: 'fs', SLIPWAY_STORE_DIR: join(stateDir, 'store') };
    const backup = await runSlipway(server, ['registry', 'backup', at('backup')], settings);
    expect(backup.exitCode, backup.stderr).toBe(0);
    const verified = await runSlipway(server, ['registry', 'verify', at('backup')], settings);
    expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
    expect(readFileSync(join(at('backup'), 'registry/default/digits/status/3.json'), 'utf8')).toContain('dsseEnvelope');
  });
});

describe('a gateway with the last routes on its disk, and no controller', () => {
  const routes = join(stateDir, 'gateway', 'routes.pb');
  let good: Buffer;

  /** What it says of the version that it shall serve, once it has tried. */
  async function stateWith(
    settings: Record<string, string>,
  ): Promise<{ state: string; reason: string; served: string }> {
    const gateway = await GatewayProcess.start({
      environment: {
        SLIPWAY_STORE: 'fs',
        SLIPWAY_STORE_DIR: join(stateDir, 'store'),
        SLIPWAY_CONTROLLER_GRPC: '127.0.0.1:1',
        ...settings,
      },
      stateDir: join(stateDir, 'gateway'),
    });
    try {
      const index = async () => {
        const answer = await fetch(`${gateway.url}/v2/repository/index`, { method: 'POST', body: '{}' });
        return (await answer.json()) as { version: string; state: string; reason: string }[];
      };
      const found = await eventually('it has tried', index, ([entry]) =>
        /READY|VERSION_NOT/.test(JSON.stringify(entry)),
      );
      const { state = '', reason = '' } = found[0] ?? {};
      return { state, reason, served: await servedBy(gateway.url) };
    } finally {
      await gateway.end('SIGTERM');
    }
  }

  beforeAll(async () => {
    await server.stop();
    good = readFileSync(routes);
  });

  it('serves what is signed', async () => {
    expect(await stateWith({ SLIPWAY_SIGNERS: signersFile })).toMatchObject({ state: 'READY', served: '2' });
  });

  it('serves what is signed by somebody whom it demands by itself, and nothing else', async () => {
    const demanding = (name: string) => stateWith({ SLIPWAY_SIGNERS: signersFile, SLIPWAY_GATEWAY_SIGNED_BY: name });
    expect(await demanding('speech,auditor')).toMatchObject({ state: 'READY', served: '2' });
    const { reason, served } = await demanding('speech');
    expect(reason).toContain('digits@2 must be signed by speech: it is signed by auditor; it is signed by release');
    expect(served).toMatch(/^status (404|503)$/);
  });

  it('refuses what it has no key for, and says why', async () => {
    const { reason, served } = await stateWith({});
    expect(reason).toContain('digits@2 must be signed by release, whose key is not known to this program');
    expect(served).toMatch(/^status (404|503)$/);
  });

  it.each([
    [
      'a signature was changed',
      tamperedWith((bundle) => bundle.replace(/"sig":"(.)/, (_, first) => `"sig":"${first === 'A' ? 'B' : 'A'}`)),
    ],
    ['the signatures were taken away', (snapshot: RouteSnapshot) => setBundles(snapshot, [])],
    [
      'a file was swapped',
      (snapshot: RouteSnapshot) => {
        const file = snapshot.deployments[0]?.stable?.variants[0]?.files[0];
        if (file !== undefined) file.digest = `sha256:${'0'.repeat(64)}`;
      },
    ],
    [
      'a version was renamed',
      (snapshot: RouteSnapshot) => {
        const stable = snapshot.deployments[0]?.stable;
        if (stable !== undefined) stable.version = 7;
      },
    ],
  ])('refuses when %s there', async (_name, tamper) => {
    const snapshot = RouteSnapshot.decode(good);
    expect(snapshot.deployments[0]?.stable?.signing?.signedBy).toEqual(['release']);
    tamper(snapshot);
    writeFileSync(routes, RouteSnapshot.encode(snapshot).finish());
    const { reason, served } = await stateWith({ SLIPWAY_SIGNERS: signersFile });
    expect(reason).toContain('must be signed by release');
    expect(served).toMatch(/^status (404|503)$/);
  });
});

it('a program does not start with signers that it cannot use, and says what is wrong', async () => {
  const wrong = join(stateDir, 'wrong.yaml');
  writeFileSync(wrong, '- { name: release, publicKey: release.key }\n- { name: nobody }\n');
  const starting = startSlipwayServer(stateDir, { SLIPWAY_SIGNERS: wrong });
  await expect(starting).rejects.toThrow(/wrong.yaml lists no signers that can be used/);
  await expect(starting).rejects.toThrow(/\[0\].publicKey: it holds a private key; a public key is expected/);
});

function setBundles(snapshot: RouteSnapshot, bundles: string[]): void {
  const signing = snapshot.deployments[0]?.stable?.signing;
  if (signing !== undefined) signing.bundles = bundles;
}

function tamperedWith(change: (bundle: string) => string): (snapshot: RouteSnapshot) => void {
  return (snapshot) => setBundles(snapshot, (snapshot.deployments[0]?.stable?.signing?.bundles ?? []).map(change));
}
