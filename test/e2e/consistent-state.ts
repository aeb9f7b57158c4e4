import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

interface VersionNode {
  readonly version: number;
  readonly variants: readonly {
    readonly files: readonly { digest: string; sizeBytes: number; downloadPath: string }[];
  }[];
}

/**
 * Starts a server on what an earlier one left behind and checks what must hold at every moment:
 * versions are numbered densely, each of their files has its digest, and every deployment that was ever ready answers.
 */
export async function expectConsistentState(stateDir: string): Promise<void> {
  const server = await startSlipwayServer(stateDir);
  try {
    await expectIntactVersions(server);
    await expectServingDeployments(server);
  } finally {
    expect(await server.stop(), server.log()).toBe(0);
  }
}

async function expectIntactVersions(server: SlipwayServer): Promise<void> {
  const query = `{ model(name: "digits") { versions(first: 50) { totalCount nodes {
    version variants { files { digest sizeBytes downloadPath } } } } } }`;
  const response = await fetch(`${server.registry}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as {
    data: { model: { versions: { totalCount: number; nodes: VersionNode[] } } | null };
  };
  if (data.model === null) return;
  const { nodes, totalCount } = data.model.versions;
  expect(nodes.map((node) => node.version)).toEqual(
    Array.from({ length: totalCount }, (_, index) => totalCount - index),
  );
  expect(totalCount).toBeLessThanOrEqual(3);
  for (const file of nodes.flatMap((node) => node.variants.flatMap((variant) => variant.files))) {
    const bytes = new Uint8Array(await (await fetch(`${server.registry}${file.downloadPath}`)).arrayBuffer());
    expect(bytes.byteLength).toBe(file.sizeBytes);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(file.digest);
  }
}

async function expectServingDeployments(server: SlipwayServer): Promise<void> {
  const response = await fetch(`${server.controller}/v1/deployments`);
  const { deployments } = (await response.json()) as { deployments: { name: string; stable?: { version: number } }[] };
  for (const deployment of deployments.filter((candidate) => candidate.stable !== undefined)) {
    await expect.poll(() => classifyZeros(server, deployment.name), { timeout: 10_000, interval: 50 }).toBe(200);
  }
}

async function classifyZeros(server: SlipwayServer, model: string): Promise<number> {
  const input = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: new Array<number>(64).fill(0) };
  const response = await fetch(`${server.gateway}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [input] }),
  });
  await response.arrayBuffer();
  return response.status;
}
