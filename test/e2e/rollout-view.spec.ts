import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { commitManifest } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';
import { framesOf, hasLooks, openTerminal } from './terminal-session.ts';

const { pixels: heldOut } = JSON.parse(readFileSync(join(digitsDirectory, 'heldout.json'), 'utf8')) as {
  pixels: number[][];
};
const BLANK = Array<number>(64).fill(0);

const stateDir = freshStateDirectory();
let server: SlipwayServer;
let subscriber: Client;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
  await serveDigits(server, 2);
  const broken = join(digitsDirectory, 'digits-3.onnx');
  const pushed = await runSlipway(server, ['model', 'push', 'digits', broken]);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
  subscriber = createClient({ url: `${server.controller.replace('http', 'ws')}/graphql` });
});
afterAll(async () => {
  await subscriber?.dispose();
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const manifest = (version: number, onFailure: 'commit' | 'none') => `
apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: digits }
spec:
  model: digits
  version: ${version}
  rollout:
    steps:
      - setWeight: 50
      - analyse: { minRequests: 2000 }
      - pause: {}
    gates:
      - { metric: error-rate, max: 0.01, confidence: 0.999, minRequests: 20 }
    onFailure: { writeBack: ${onFailure} }
`;

async function statusNow(): Promise<DeploymentStatus> {
  return (await (await fetch(`${server.controller}/v1/deployments/default/digits`)).json()) as DeploymentStatus;
}

async function infer(pixels: readonly number[]): Promise<number> {
  const body = { inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: pixels }] };
  const response = await fetch(`${server.gateway}/v2/models/digits/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

async function graphql(query: string, variables: object = {}) {
  const response = await fetch(`${server.controller}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data: Record<string, unknown>; errors?: { extensions: { code: string } }[] };
}

async function explained(): Promise<string> {
  const { stdout, stderr, exitCode } = await runSlipway(server, ['rollout', 'explain', 'digits']);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** States of the deployment as a subscription brings them, until one fits. */
async function subscribeUntil(isLast: (state: SubscribedState) => boolean): Promise<SubscribedState[]> {
  const states: SubscribedState[] = [];
  const query = `subscription { deploymentChanged(name: "digits") {
    phase
    candidate {
      version weightPercent requests
      steps { text state }
      traffic { candidate { requests errorRate { rate low high } } stable { requests } }
      gates { key verdict decides evidence { log10Absolute log10Needed } }
    }
    lastRollout { version outcome evidence { detectionMs } writeBack { state commit } }
  } }`;
  for await (const { data, errors } of subscriber.iterate<{ deploymentChanged: SubscribedState }>({ query })) {
    if (data == null) throw new Error(JSON.stringify(errors));
    states.push(data.deploymentChanged);
    if (isLast(data.deploymentChanged)) break;
  }
  return states;
}

interface SubscribedState {
  readonly phase: string;
  readonly candidate: {
    readonly version: number;
    readonly weightPercent: number;
    readonly requests: number;
    readonly gates: readonly { readonly key: string; readonly verdict: string; readonly decides: string }[];
  } | null;
  readonly lastRollout: {
    readonly version: number;
    readonly outcome: string;
    readonly writeBack: { readonly state: string; readonly commit: string | null } | null;
  } | null;
}

it('a rollout is watched, explained and subscribed to until it is rolled back', async () => {
  expect(await explained()).toMatch(/^digits: Healthy\nGit asks for digits@2 in commit .{10}\.\nStable is version 2/);

  commitManifest(server.git, 'digits.yaml', manifest(3, 'commit'));
  await eventually('version 3 has its share', statusNow, ({ candidate }) => candidate?.weightPercent === 50);
  for (let count = 0; count < 40; count += 1) expect(await infer(BLANK)).toBe(200);
  await eventually('blank images are counted', statusNow, ({ candidate }) => (candidate?.requests ?? 0) > 0);
  const under = await explained();
  expect(under).toMatch(/waits: analysing: \d+ of 2000 requests at 50 %/);
  expect(under).toMatch(/candidate {2}0 of \d+ requests failed \(0\.00 %, 95 % interval 0\.00 to \d+\.\d+ %\)/);
  expect(under).toMatch(/error-rate: (pass|inconclusive)\n.*\n.*\n {4}fails after \d+ more failures in a row/);

  const started = performance.now();
  const states = subscribeUntil(({ lastRollout }) => lastRollout?.writeBack?.state === 'committed');
  const coloured = openTerminal(server, ['rollout', 'watch', 'digits', '--exit'], { columns: 80, rows: 30 });
  const settings = { NO_COLOR: '1' };
  const plain = openTerminal(server, ['rollout', 'watch', 'digits', '--exit'], { columns: 60, rows: 16, settings });
  const lines = runSlipway(server, ['rollout', 'watch', 'digits', '--exit']);
  const json = runSlipway(server, ['rollout', 'watch', 'digits', '--exit', '--json']);
  for (const terminal of [coloured, plain])
    await eventually(
      'the view is drawn',
      async () => terminal.output(),
      (output) => output.includes('candidate 3'),
    );
  for (let index = 0; (await statusNow()).candidate !== undefined; index += 1)
    expect(await infer(heldOut[index % heldOut.length] ?? [])).toBe(200);

  expect(await Promise.all([coloured.exited, plain.exited])).toEqual([1, 1]);
  expectFrames(coloured.output(), 80, 30);
  expectFrames(plain.output(), 60, 16);
  expect([coloured, plain].map((terminal) => hasLooks(terminal.output()))).toEqual([true, false]);

  const told = await lines;
  expect(told.exitCode).toBe(1);
  expect(told.stdout).toMatch(
    /Z {2}error {4}RolledBack: version 3 is out: error-rate: \d+ of \d+ candidate requests failed/,
  );
  expect(told.stdout).not.toContain('\x1b');
  const toldInJson = await json;
  expect(toldInJson.exitCode).toBe(1);
  const jsonStates = toldInJson.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DeploymentStatus);
  expect(jsonStates.at(-1)?.lastRollout).toMatchObject({ outcome: 'rolledBack', writeBack: { state: 'committed' } });

  const subscribed = await states;
  expect(subscribed.length).toBeLessThanOrEqual((performance.now() - started) / 50 + 1);
  expect(subscribed[0]?.candidate).toMatchObject({
    version: 3,
    weightPercent: 50,
    steps: [
      { text: 'weight 50 %', state: 'done' },
      { text: 'analyse 2000 requests', state: 'present' },
      { state: 'ahead' },
    ],
    gates: [{ key: 'error-rate', decides: expect.stringContaining('more failures in a row') }],
  });
  expect(subscribed.at(-1)).toMatchObject({ candidate: null, lastRollout: { version: 3, outcome: 'rolledBack' } });

  const after = await explained();
  expect(after).toMatch(/version 3 of commit .{10}: rolled back after/);
  expect(after).toMatch(/counts of error-rate: candidate \d+ of \d+, stable 0 of \d+, tolerated 0\.01/);
  expect(after).toMatch(/detected: .* after the first failure/);
  expect(after).toContain(`the rollback is commit ${subscribed.at(-1)?.lastRollout?.writeBack?.commit?.slice(0, 10)}`);
  expect(after).toContain('version 3 is tried again by a manifest that names it with another spec.rollout.retryToken');

  const metrics = await (await fetch(`${server.controller}/metrics`)).text();
  const labels = 'namespace="default",deployment="digits"';
  expect(metrics).toContain(`slipway_rollout_rollbacks_total{${labels},outcome="rolledBack"} 1`);
  expect(metrics).toMatch(new RegExp(`slipway_rollout_detection_seconds{${labels}} [0-9.e-]+\n`));
});

/** Every frame fits, is drawn over the one before, and the cursor is there again in the end. */
function expectFrames(output: string, columns: number, rows: number): void {
  const frames = framesOf(output);
  expect(frames.length).toBeGreaterThan(1);
  for (const frame of frames) {
    expect(frame.length).toBeLessThan(rows);
    expect(Math.max(...frame.map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
  expect(output).not.toContain('\x1b[2J');
  expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
  expect(frames[0]?.join('\n')).toMatch(/candidate 3 {3}█████░░░░░ {2}50 %/);
  expect(frames.at(-1)?.join('\n')).toContain('LAST ROLLOUT');
}

it('what is rejected is tried again by a word, and goes on by others', async () => {
  commitManifest(server.git, 'digits.yaml', manifest(1, 'none'));
  const analysing = ({ candidate }: DeploymentStatus) => candidate?.stepIndex === 1;
  await eventually('version 1 is analysed', statusNow, analysing);
  expect((await runSlipway(server, ['rollout', 'abort', 'digits'])).exitCode).toBe(0);
  await eventually('version 1 is rejected', statusNow, ({ phase }) => phase === 'RolledBack');
  expect(await explained()).toContain('version 1 was rolled back with this very specification');

  const retry = await runSlipway(server, ['rollout', 'retry', 'digits']);
  expect(retry.exitCode, retry.stderr).toBe(0);
  await eventually('version 1 is analysed again', statusNow, analysing);
  const metrics = await (await fetch(`${server.controller}/metrics`)).text();
  const labels = 'namespace="default",deployment="digits"';
  expect(metrics).toContain(`slipway_rollout_step_index{${labels}} 1`);
  expect(metrics).toContain(`slipway_rollout_gate_verdict{${labels},gate="error-rate",verdict="inconclusive"} 1`);
  expect(metrics).toMatch(/slipway_rollout_gate_evidence_log10\{.*gate="error-rate",against="limit"\} /);

  const skip = await runSlipway(server, ['rollout', 'skip', 'digits']);
  expect(skip.exitCode, skip.stderr).toBe(0);
  await eventually('the pause is reached', statusNow, ({ phase }) => phase === 'Paused');
  const { data } = await graphql('mutation { promote(name: "digits") { phase stable { version } } }');
  expect(data['promote']).toEqual({ phase: 'Healthy', stable: { version: 1 } });
});

it('GraphQL lists deployments in pages, and answers failures with their codes', async () => {
  const page = await graphql(
    'query ($first: Int!) { deployments(first: $first) { totalCount nodes { name events(last: 1) { code } } pageInfo { hasNextPage endCursor } } }',
    { first: 1 },
  );
  expect(page.data['deployments']).toMatchObject({
    totalCount: 1,
    nodes: [{ name: 'digits', events: [{ code: 'Promoted' }] }],
    pageInfo: { hasNextPage: false },
  });
  const { endCursor } = (page.data['deployments'] as { pageInfo: { endCursor: string } }).pageInfo;
  const rest = await graphql(`{ deployments(after: "${endCursor}") { nodes { name } } }`);
  expect(rest.data['deployments']).toEqual({ nodes: [] });
  expect((await graphql('{ deployment(name: "absent") { name } }')).data['deployment']).toBeNull();

  const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: deployment(name: "digits") { name }`);
  const refused = [
    ['mutation { abort(name: "digits") { name } }', 'ROLLOUT_NOT_ACTIVE'],
    ['mutation { retry(name: "digits") { name } }', 'ROLLOUT_NOT_ACTIVE'],
    ['mutation { promote(name: "absent") { name } }', 'DEPLOYMENT_NOT_FOUND'],
    ['{ deployments(first: 201) { totalCount } }', 'INPUT_INVALID'],
    ['{ deployments(after: "!") { totalCount } }', 'INPUT_INVALID'],
    [`{ ${aliases.join(' ')} }`, 'QUERY_TOO_COSTLY'],
  ] as const;
  for (const [query, code] of refused) {
    const { errors } = await graphql(query);
    expect(errors?.[0]?.extensions.code, query).toBe(code);
  }
});
