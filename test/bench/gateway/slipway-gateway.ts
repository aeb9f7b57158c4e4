import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../../e2e/eventually.ts';
import { runSlipway } from '../../e2e/run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from '../../e2e/slipway-server.ts';
import type { BenchModelName } from './bench-models.ts';
import { type Call, checkCall, type Way } from './call.ts';
import { openInferenceCall } from './open-inference-calls.ts';
import { ProcessTree } from './process-tree.ts';
import type { Workload } from './workload.ts';

const LOAD_DEADLINE_MS = 60_000;
/** Replaces the files without steps: there is nothing to compare in a benchmark. */
const ROLLOUT = { strategy: 'allAtOnce' };

/** The all-in-one with models in its registry, used as anybody uses it: by its commands, Git, REST and gRPC. */
export class SlipwayGateway {
  readonly tree: ProcessTree;
  readonly #server: SlipwayServer;
  readonly #repository: string;

  private constructor(server: SlipwayServer, repository: string) {
    this.#server = server;
    this.#repository = repository;
    this.tree = new ProcessTree(server.pid);
  }

  /** @param cores of all of its processes, as `taskset` takes them. */
  static async start(cores: string): Promise<SlipwayGateway> {
    const stateDir = mkdtempSync(join(tmpdir(), 'bench-slipway-'));
    // From its start: it looks at its cores once, to choose instances and threads.
    const launcher = ['taskset', '--cpu-list', cores];
    const server = await startSlipwayServer(stateDir, { SLIPWAY_LOG_LEVEL: 'warn' }, launcher);
    const repository = mkdtempSync(join(tmpdir(), 'bench-manifests-'));
    execFileSync('git', ['clone', '--quiet', server.git, repository], { stdio: 'ignore' });
    return new SlipwayGateway(server, repository);
  }

  /** What to know when it does not answer: whether it has ended, and its last words. */
  describe(): string {
    const { child } = this.#server;
    const state =
      child.exitCode === null && child.signalCode === null
        ? 'running'
        : `ended (${child.exitCode ?? child.signalCode})`;
    return `slipway is ${state}; its log ends with:\n${this.#server.log().slice(-2000)}`;
  }

  /** Registers a file as the next version of a model. */
  async push(model: BenchModelName, file: string): Promise<void> {
    const { exitCode, stderr } = await runSlipway(this.#server, ['model', 'push', model, file]);
    if (exitCode !== 0) throw new Error(`slipway model push ${model} failed: ${stderr}`);
  }

  /** Commits what to serve; does not wait. */
  deploy(versions: Readonly<Partial<Record<BenchModelName, number>>>): void {
    for (const [model, version] of Object.entries(versions)) {
      const spec = { model, version, rollout: ROLLOUT };
      const manifest = { apiVersion: 'slipway.dev/v1', kind: 'ModelDeployment', metadata: { name: model }, spec };
      writeFileSync(join(this.#repository, `${model}.yaml`), stringify(manifest));
    }
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {
        cwd: this.#repository,
        stdio: 'ignore',
      });
    git('add', '--all');
    git('commit', '--message', `Serve ${JSON.stringify(versions)}`);
    git('push', 'origin', 'HEAD:main');
  }

  /** Registers and deploys the model of the workload, and waits until it answers rightly. */
  async serve(workloads: readonly Workload[], directory: string): Promise<void> {
    for (const { model } of workloads) await this.push(model, join(directory, `${model}.onnx`));
    this.deploy(Object.fromEntries(workloads.map(({ model }) => [model, 1])));
    for (const workload of workloads) {
      const call = this.call(workload, 'json');
      await eventually(
        `${workload.model} answers`,
        () => checkCall(call, workload.expected).catch((error: Error) => error.message),
        (answer) => typeof answer === 'number',
        LOAD_DEADLINE_MS,
      );
    }
  }

  call(workload: Workload, way: Way): Call {
    return openInferenceCall({ url: this.#server.gateway, grpc: this.#server.gatewayGrpc }, workload, way);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    for (const folder of [this.#server.stateDir, this.#repository]) rmSync(folder, { recursive: true, force: true });
  }
}
