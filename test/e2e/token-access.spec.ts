import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  GRPCInferenceServiceClient,
  ModelInferRequest,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { TokenIssuer } from '../servers/token-issuer.ts';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

/** The clocks of an issuer and of Slipway may differ by so much. */
const SKEW_SECONDS = 30;

const policy = `apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: shop }
spec:
  bindings:
    - { role: invoker, subjects: [{ group: shop }], namespaces: [default] }
`;

let server: SlipwayServer;
let issuer: TokenIssuer;
const inference = JSON.stringify({
  inputs: [{ name: 'pixels', ...JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) }],
});

async function infer(token: string): Promise<readonly [status: number, body: string]> {
  const headers = { authorization: `Bearer ${token}` };
  const reply = await fetch(`${server.gateway}/v2/models/digits/infer`, { method: 'POST', headers, body: inference });
  return [reply.status, await reply.text()];
}
const ada = { sub: 'ada', groups: ['shop'] };
const nowSeconds = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  issuer = await TokenIssuer.start();
  const stateDir = freshStateDirectory();
  const issuers = join(stateDir, 'issuers.yaml');
  writeFileSync(issuers, `- issuer: ${issuer.url}\n  audience: slipway\n`);
  const settings = { SLIPWAY_ACCESS: 'policies', SLIPWAY_ACCESS_POLL_MS: '100', SLIPWAY_TOKEN_ISSUERS: issuers };
  server = await startSlipwayServer(stateDir, settings);
  const adminKey = readFileSync(join(stateDir, 'admin.key'), 'utf8').trim();
  commitFiles(server.git, { 'access.yaml': policy }, 'The shop infers');
  await serveDigits(server, 1, adminKey);
  const ask = async () => infer(await issuer.token(ada));
  await eventually('the shop may infer', ask, ([status]) => status === 200);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  issuer?.stop();
  rmSync(server.stateDir, { recursive: true, force: true });
});

describe('a token', () => {
  it('says who infers, by its groups', async () => {
    expect((await infer(await issuer.token(ada)))[0]).toBe(200);
    expect((await infer(await issuer.token({ sub: 'eve', groups: ['other'] })))[0]).toBe(404);
  });

  it('counts while the clocks differ by no more than may be', async () => {
    const at = (seconds: number) => issuer.token({ ...ada, iat: nowSeconds() - 600, exp: nowSeconds() + seconds });
    expect((await infer(await at(5 - SKEW_SECONDS)))[0]).toBe(200);
    expect((await infer(await at(-5 - SKEW_SECONDS)))[0]).toBe(401);
    const future = await issuer.token({ ...ada, nbf: nowSeconds() + SKEW_SECONDS + 60 });
    expect((await infer(future))[0]).toBe(401);
  });

  it('ends a stream in the moment in which it expires', async () => {
    const validSeconds = 4;
    const exp = nowSeconds() + validSeconds - SKEW_SECONDS;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await issuer.token({ ...ada, iat: exp - 600, exp })}`);
    const client = new GRPCInferenceServiceClient(server.gatewayGrpc, credentials.createInsecure());
    const stream = client.modelStreamInfer(metadata);
    const answers: string[] = [];
    stream.on('data', ({ errorMessage }: ModelStreamInferResponse) => answers.push(errorMessage));
    const ended = new Promise<{ readonly details: string; readonly atSeconds: number }>((resolve) =>
      stream.on('error', ({ details = '' }: Partial<ServiceError>) =>
        resolve({ details, atSeconds: Date.now() / 1000 }),
      ),
    );
    const asking = setInterval(() => stream.write(ModelInferRequest.fromPartial({ modelName: 'digits' })), 50);
    const { details, atSeconds } = await ended;
    clearInterval(asking);
    client.close();
    expect(details).toMatch(/^UNAUTHENTICATED: .*expired/);
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.every((message) => message.startsWith('TENSOR_INVALID'))).toBe(true);
    expect(atSeconds).toBeGreaterThan(exp + SKEW_SECONDS - 1);
  });

  it('of a known key counts while its issuer is down, and one of a new key when that is back', async () => {
    const before = await issuer.token(ada);
    issuer.isDown = true;
    expect((await infer(before))[0]).toBe(200);
    expect((await infer(await issuer.token({ ...ada, jti: 'another one' })))[0]).toBe(200);
    await issuer.rotate();
    const after = await issuer.token(ada);
    expect((await infer(after))[0]).toBeOneOf([401, 503]);
    issuer.isDown = false;
    await eventually(
      'the new key is known',
      () => infer(after),
      ([status]) => status === 200,
      40_000,
    );
  }, 60_000);

  it('of an unknown key does not have the keys fetched each time', async () => {
    const { fetches } = issuer;
    const forger = await TokenIssuer.start();
    for (let nonsense = 0; nonsense < 50; nonsense += 1) {
      const [status] = await infer(await forger.token({ ...ada, iss: issuer.url, jti: String(nonsense) }));
      expect(status).toBe(401);
    }
    forger.stop();
    expect(issuer.fetches - fetches).toBeLessThanOrEqual(1);
  });
});
