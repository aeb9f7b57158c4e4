import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Forge, ForgeStatusPublisher } from './index.ts';
import { repositoryApi } from './repository-api.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

const commit = '0123456789abcdef0123456789abcdef01234567';
const status = {
  commit,
  context: 'slipway/default/digits',
  state: 'failure' as const,
  description: 'rolled back: 4 of 16 requests failed',
  targetUrl: 'https://slipway.example.com/v1/deployments/default/digits',
};

let server: Server;
let origin: string;
let received: Received[];
let reply: { status: number; body: string };

beforeEach(async () => {
  received = [];
  reply = { status: 201, body: '{}' };
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: JSON.parse(text) });
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const publisher = (forge: Forge) =>
  new ForgeStatusPublisher({ forge, url: `${origin}/acme/models`, token: 'secret-token' });

describe('ForgeStatusPublisher', () => {
  it('asks GitHub as its documentation says', async () => {
    await publisher('github').publish(status);
    expect(received).toEqual([
      {
        method: 'POST',
        url: `/api/v3/repos/acme/models/statuses/${commit}`,
        headers: expect.objectContaining({
          authorization: 'Bearer secret-token',
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          'content-type': 'application/json',
          'user-agent': 'slipway',
        }),
        body: {
          state: 'failure',
          context: 'slipway/default/digits',
          description: status.description,
          target_url: status.targetUrl,
        },
      },
    ]);
  });

  it('asks Gitea and Forgejo as their documentation says', async () => {
    await publisher('gitea').publish(status);
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: `/api/v1/repos/acme/models/statuses/${commit}`,
      headers: { authorization: 'token secret-token' },
      body: { state: 'failure', context: 'slipway/default/digits', target_url: status.targetUrl },
    });
  });

  it('asks GitLab as its documentation says', async () => {
    const { targetUrl: _, ...withoutLink } = status;
    for (const state of ['pending', 'success', 'failure', 'error'] as const) {
      await publisher('gitlab').publish({ ...withoutLink, state });
    }
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: `/api/v4/projects/acme%2Fmodels/statuses/${commit}`,
      headers: { 'private-token': 'secret-token' },
    });
    expect(received.map(({ body }) => body)).toEqual(
      ['pending', 'success', 'failed', 'failed'].map((state) => ({
        state,
        name: 'slipway/default/digits',
        description: status.description,
      })),
    );
  });

  it('takes it for done when GitLab has that state already', async () => {
    reply = { status: 400, body: '{"message":"Cannot transition status via :enqueue from :pending"}' };
    await expect(publisher('gitlab').publish(status)).resolves.toBeUndefined();
  });

  it.each([401, 404, 422, 500, 503])('fails with the answer of a forge that answers %i', async (code) => {
    reply = { status: code, body: '{"message":"no"}' };
    await expect(publisher('github').publish(status)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: `github answered ${code} to the status: {"message":"no"}`,
    });
  });

  it('fails when nobody listens', async () => {
    const nobody = new ForgeStatusPublisher({ forge: 'gitea', url: 'http://127.0.0.1:9/acme/models', token: 't' });
    await expect(nobody.publish(status)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('repositoryApi', () => {
  it.each([
    ['github', 'https://github.com/acme/models.git', 'https://api.github.com/repos/acme/models'],
    ['github', 'https://api.github.com/repos/acme/models', 'https://api.github.com/repos/acme/models'],
    ['github', 'https://git.acme.com/acme/models', 'https://git.acme.com/api/v3/repos/acme/models'],
    ['gitea', 'https://acme.com/gitea/acme/models', 'https://acme.com/gitea/api/v1/repos/acme/models'],
    ['gitlab', 'https://gitlab.com/acme/ml/models', 'https://gitlab.com/api/v4/projects/acme%2Fml%2Fmodels'],
    ['gitlab', 'https://acme.com/git/api/v4/projects/42', 'https://acme.com/git/api/v4/projects/42'],
  ] as const)('finds the API of %s for %s', (forge, url, api) => {
    expect(repositoryApi(forge, url)).toBe(api);
  });

  it.each(['https://github.com/acme', 'git@github.com:acme/models.git', 'models'])('refuses %s', (url) => {
    expect(() => repositoryApi('github', url)).toThrow(/is not the URL of a repository/);
  });
});
