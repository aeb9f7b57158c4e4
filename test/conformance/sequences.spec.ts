import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitManifests } from '../e2e/commit-manifests.ts';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installInteropPython, installPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';
import { expectChecksToPass } from './run-checks.ts';

const directory = join(import.meta.dirname, '../models/accumulator');

describe('a model with state, by the sequence extension of tritonclient', () => {
  const stateDir = freshStateDirectory();
  let server: SlipwayServer;

  beforeAll(async () => {
    server = await startSlipwayServer(stateDir);
    const pushed = await runSlipway(server, ['model', 'push', 'accumulator', join(directory, 'accumulator.onnx')]);
    expect(pushed.exitCode, pushed.stderr).toBe(0);
    commitManifests(server, {
      'accumulator.yaml': `metadata: {name: accumulator}
spec:
  model: accumulator
  version: 1
  sequence:
    states: [{output: state, input: before}]
    startInput: begins
    endInput: ends
    maxSequences: 200
`,
    });
    const ready = async () => (await fetch(`${server.gateway}/v2/models/accumulator/ready`)).status;
    await eventually('the accumulator answers', ready, (status) => status === 200);
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('lets requests of different sequences share runs', async () => {
    const send = async (id: number) => {
      const inputs = [{ name: 'value', datatype: 'INT32', shape: [1, 1], data: [id] }];
      const parameters = { sequence_id: id, sequence_start: true, sequence_end: true };
      const url = `${server.gateway}/v2/models/accumulator/infer`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs, parameters }) });
      return (await response.json()) as { outputs: { name: string; data: number[] }[] };
    };
    const ids = Array.from({ length: 100 }, (_, index) => index + 1);
    const sums = (await Promise.all(ids.map(send))).map(
      ({ outputs }) => outputs.find(({ name }) => name === 'sum')?.data,
    );
    expect(sums).toEqual(ids.map((id) => [id]));
    const statistics = await (await fetch(`${server.gateway}/v2/models/accumulator/stats`)).json();
    const [{ inference_count, execution_count } = {}] = (statistics as { model_stats: Record<string, number>[] })
      .model_stats;
    expect(inference_count).toBe(100);
    expect(execution_count).toBeLessThan(100);
  });

  it('finds every check passed, over HTTP and gRPC', async () => {
    const python = await installPython();
    const args = [
      join(import.meta.dirname, 'sequences_check.py'),
      server.gateway.replace('http://', ''),
      server.gatewayGrpc,
    ];
    expectChecksToPass(python, args, 24);
  });

  it('refuses options that the model does not have, naming the field', async () => {
    commitManifests(server, {
      'wrong.yaml': `metadata: {name: wrong}
spec:
  model: accumulator
  version: 1
  sequence: {states: [{output: sum, input: after}]}
`,
    });
    const status = async () => (await runSlipway(server, ['rollout', 'status', 'wrong'])).stdout;
    await eventually('the deployment failed', status, (text) =>
      /Failed.*spec\.sequence\.states\[0\]\.input: the model has no input "after": it has value, before/s.test(text),
    );
  });

  it('is the model that its script writes', async () => {
    const python = await installInteropPython();
    const compare =
      'import sys, onnx, runpy; from pathlib import Path; path = Path(sys.argv[1]); before = onnx.load(path);' +
      ' runpy.run_path(str(path.with_name("write_accumulator.py"))); sys.exit(before != onnx.load(path))';
    await runCommand(python, ['-c', compare, join(directory, 'accumulator.onnx')]);
  });
});
