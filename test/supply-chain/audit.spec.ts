import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from './lock-file.ts';

const servers: Server[] = [];
let cache: string;
beforeEach(() => {
  // npm keeps the advisories that it has seen.
  cache = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
});
afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
  for (const server of servers.splice(0)) server.close();
});

/** A package registry that answers npm's question for advisories, and nothing else. */
async function registryWith(status: number, answer: (asked: Record<string, string[]>) => unknown): Promise<string> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(404).end('{}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(answer(JSON.parse(text.toString()))));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function audit(registry: string): Promise<{ status: number | null; told: string }> {
  const child = spawn(
    'npm',
    ['run', '--silent', 'audit', '--', `--registry=${registry}`, `--cache=${cache}`, '--fetch-retries=0'],
    {
      cwd: root,
    },
  );
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (told += text));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, told })));
}

const advisory = (severity: string) => ({
  id: 1,
  url: 'https://github.com/advisories/GHSA-xxxx',
  title: 'Content types skip the schema',
  severity,
  vulnerable_versions: '>=5.0.0',
  cwe: [],
  cvss: { score: 0, vectorString: null },
});

it('a package with a high fault fails the audit, and is named with its advisory', async () => {
  const asked: string[] = [];
  const registry = await registryWith(200, (given) => {
    asked.push(...Object.keys(given));
    return { fastify: [advisory('high')] };
  });
  const { status, told } = await audit(registry);
  expect(told).toMatch(
    /^high: fastify .*Content types skip the schema \(https:\/\/github.com\/advisories\/GHSA-xxxx\)$/m,
  );
  expect(status).toBe(1);
  expect(asked).toContain('@grpc/grpc-js');
  expect(asked).not.toContain('vitest');
});

it('lesser faults are counted and pass', async () => {
  const lesser = await audit(await registryWith(200, () => ({ fastify: [advisory('moderate')] })));
  expect(lesser).toMatchObject({
    status: 0,
    told: expect.stringMatching(/^0 packages with high or critical faults, [1-9]/),
  });
});

it('no known fault passes', async () => {
  const none = await audit(await registryWith(200, () => ({})));
  expect(none).toEqual({ status: 0, told: '0 packages with high or critical faults, 0 with lesser ones\n' });
});

it('a registry that does not answer is no good news', async () => {
  const { status, told } = await audit(await registryWith(405, () => ({})));
  expect(status).toBe(2);
  expect(told).toContain('the package registry did not answer');
  expect(told).toContain('405 Method Not Allowed');
});
