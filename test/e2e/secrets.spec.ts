import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controllerSettings } from '../../apps/controller/config.ts';
import { gatewaySettings } from '../../apps/gateway/config.ts';
import { registrySettings } from '../../apps/registry/config.ts';
import { internalsIn } from '../faults/told-internals.ts';
import { freePort } from '../servers/free-port.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

/** So begins every secret here, whatever form it must have. */
const CANARY = 'canary7d1f0e';
const secretSettings = [registrySettings, controllerSettings, gatewaySettings]
  .flatMap((table) => Object.values(table))
  .filter(({ isSecret }) => isSecret)
  .map(({ variable }) => variable);

/** What each secret setting is given, where any text will not do. */
const FORMS: Readonly<Record<string, string>> = {
  SLIPWAY_ADMIN_KEY: `slipway_${'0'.repeat(16)}_${CANARY.padEnd(43, 'a')}`,
  SLIPWAY_REGISTRY_KEY: `slipway_${'0'.repeat(16)}_${CANARY.padEnd(43, 'a')}`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}`,
  SLIPWAY_PROMETHEUS_HEADERS: `x-scope-orgid=${CANARY}`,
};
const secrets = Object.fromEntries(
  secretSettings.map((variable) => [variable, FORMS[variable] ?? `${CANARY}-${variable}`]),
);
/** Files that hold a secret because that is what they are for. */
const KEEPERS = ['admin.key', 'git/deployments.git/slipway-hooks.json'];

const stateDir = freshStateDirectory();
const accessLog = join(stateDir, 'access.log');
let server: SlipwayServer;

beforeAll(async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  server = await startSlipwayServer(stateDir, {
    ...secrets,
    SLIPWAY_ACCESS: 'open',
    SLIPWAY_LOG_LEVEL: 'debug',
    SLIPWAY_GATEWAY_ACCESS_LOG: 'all',
    SLIPWAY_GATEWAY_ACCESS_LOG_PATH: accessLog,
    // Where secrets are sent, and nobody listens.
    OTEL_EXPORTER_OTLP_ENDPOINT: nobody,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    SLIPWAY_PROMETHEUS_URL: nobody,
  });
  await serveDigits(server, 1);
});
afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Credentials in every place where clients put them, right or wrong. */
const HEADERS = {
  authorization: `Bearer ${CANARY}`,
  cookie: `session=${CANARY}`,
  'proxy-authorization': `Basic ${CANARY}`,
  'x-api-key': CANARY,
  'x-hub-signature-256': `sha256=${CANARY}`,
  'x-gitlab-token': CANARY,
  'x-amz-security-token': CANARY,
};

/** All that clients were answered. */
async function answers(): Promise<string[]> {
  const { data } = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as { data: number[] };
  const asked = (pixels: number[]) =>
    JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: pixels }] });
  const requests: [string, RequestInit][] = [
    [`${server.gateway}/v2/models/digits/infer`, { method: 'POST', body: asked(data) }],
    [`${server.gateway}/v2/models/digits/infer`, { method: 'POST', body: asked([1]) }],
    [`${server.gateway}/v2/models/nothing/infer`, { method: 'POST', body: '{' }],
    [`${server.gateway}/v2`, {}],
    [`${server.gateway}/v2/logging`, {}],
    [`${server.gateway}/metrics`, {}],
    [`${server.registry}/graphql`, { method: 'POST', body: '{"query":"{ models { nodes { name } } }"}' }],
    [`${server.registry}/graphql`, { method: 'POST', body: '{"query":"{ nothing }"}' }],
    [`${server.registry}/v1/blobs/x`, {}],
    [`${server.controller}/graphql`, { method: 'POST', body: '{"query":"{ deployments { nodes { name } } }"}' }],
    [`${server.controller}/metrics`, {}],
    [`${server.controller}/hooks/git`, { method: 'POST', body: '{}' }],
    [`${server.controller}/nothing`, {}],
  ];
  const told = [];
  for (const [url, init] of requests)
    for (const headers of [{}, HEADERS]) {
      const response = await fetch(url, { ...init, headers: { 'content-type': 'application/json', ...headers } });
      told.push(`${url} ${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`);
    }
  return told;
}

function callGrpc(): Promise<string> {
  const client = new Client(server.gatewayGrpc, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(HEADERS)) metadata.set(name, value);
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    const path = '/inference.GRPCInferenceService/ModelInfer';
    client.makeUnaryRequest(path, same, same, Buffer.from([0xff]), metadata, (error) => {
      client.close();
      resolve(`${error?.message} ${JSON.stringify(error?.metadata.getMap())}`);
    });
  });
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('no secret, of a setting or of a request,', () => {
  it('is missing from this test', () => {
    expect(secretSettings.length).toBeGreaterThan(7);
    expect(Object.values(secrets).every((secret) => secret.includes(CANARY))).toBe(true);
  });

  it('is in an answer, in a log line of any level, or in a file that others may read', async () => {
    const told = [...(await answers()), await callGrpc()];
    expect(told.filter((answer) => answer.includes(CANARY))).toEqual([]);
    expect(told.map((answer) => internalsIn(answer)).filter((found) => found !== undefined)).toEqual([]);
    // Spans that cannot be sent are told of.
    await sleep(1000);
    expect(server.log()).toMatch(/"level":(20|"debug"|30|"info")/);
    expect(
      server
        .log()
        .split('\n')
        .filter((line) => line.includes(CANARY)),
    ).toEqual([]);
    expect(readFileSync(accessLog, 'utf8').split('\n').length).toBeGreaterThan(2);
    const keepers = filesIn(stateDir).filter((file) => readFileSync(file).includes(CANARY));
    expect(keepers.map((file) => file.slice(stateDir.length + 1)).filter((file) => !KEEPERS.includes(file))).toEqual(
      [],
    );
    for (const file of keepers) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  });

  it('is in the surroundings of a runner, which has an empty folder and three settings', () => {
    const runners = runnersOf(server.pid);
    expect(runners.length).toBeGreaterThan(0);
    for (const pid of runners) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .filter((entry) => entry !== '');
      expect(environment.map((entry) => entry.split('=')[0]).sort()).toEqual([
        'MALLOC_MMAP_THRESHOLD_',
        'NODE_ENV',
        'ORT_DISABLE_TELEMETRY',
      ]);
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(CANARY);
      expect(readdirSync(`/proc/${pid}/cwd`)).toEqual([]);
    }
  });

  it('is told by a program that cannot start with it', async () => {
    const environment = {
      SLIPWAY_STORE: 's3',
      SLIPWAY_S3_ENDPOINT: `127.0.0.1:${await freePort()}`,
      SLIPWAY_S3_TLS: 'false',
      SLIPWAY_S3_ACCESS_KEY: CANARY,
      SLIPWAY_S3_SECRET_KEY: CANARY,
      SLIPWAY_REGISTRY_INDEX: join(stateDir, 'other.db'),
    };
    const failed = await RegistryProcess.start(environment).catch((error: Error) => error.message);
    expect(failed).toContain('the registry did not start');
    expect(failed).not.toContain(CANARY);
    const wrong = { SLIPWAY_ADMIN_KEY: CANARY, SLIPWAY_STORE_DIR: join(stateDir, 'other') };
    const refused = await RegistryProcess.start(wrong).catch((error: Error) => error.message);
    expect(refused).toContain("the administrator's key is no API key");
    expect(refused).not.toContain(CANARY);
  });
});

function runnersOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const isChild = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1] === String(pid);
        return isChild && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('runner');
      } catch {
        // It has just ended.
        return false;
      }
    })
    .map(Number);
}
