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
import type { SlipwayAddresses } from './slipway-addresses.ts';
import { SlipwayPrograms } from './slipway-programs.ts';
import type { Workload } from './workload.ts';

const LOAD_DEADLINE_MS = 60_000;
/** Replaces the files without steps: there is nothing to compare in a benchmark. */
const ROLLOUT = { strategy: 'allAtOnce' };

/** A gateway with models in its registry, used as anybody uses it: by commands, Git, REST and gRPC. */
export class SlipwayGateway {
  /** What serves, with its runners. */
  readonly tree: ProcessTree;
  readonly #server: SlipwayAddresses;
  readonly #repository: string;

  private constructor(server: SlipwayAddresses) {
    this.#server = server;
    this.#repository = mkdtempSync(join(tmpdir(), 'bench-manifests-'));
    this.tree = new ProcessTree(server.pid);
    execFileSync('git', ['clone', '--quiet', server.git, this.#repository], { stdio: 'ignore' });
  }

  /** The all-in-one. @param cores of all of its processes, as `taskset` takes them. */
  static async start(cores: string): Promise<SlipwayGateway> {
    const stateDir = mkdtempSync(join(tmpdir(), 'bench-slipway-'));
    const server = await startSlipwayServer(stateDir, { SLIPWAY_LOG_LEVEL: 'warn' }, launcherOn(cores));
    return new SlipwayGateway(allInOne(server));
  }

  /** The gateway as a program of its own. @param cores of the gateway and its runners. */
  static async startAlone(cores: string): Promise<SlipwayGateway> {
    return new SlipwayGateway(await SlipwayPrograms.start(launcherOn(cores)));
  }

  describe(): string {
    return this.#server.describe();
  }

  /** Registers a file as the next version of a model. */
  async push(model: BenchModelName, file: string): Promise<void> {
    const push = ['--registry', this.#server.registry, 'model', 'push', model, file];
    const { exitCode, stderr } = await runSlipway(this.#server, push);
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

  /** Of a gateway that was started alone: what it shares with the others would count for less. */
  endControlPlane(): Promise<void> {
    return this.#server.endControlPlane();
  }

  call(workload: Workload, way: Way): Call {
    return openInferenceCall({ url: this.#server.gateway, grpc: this.#server.gatewayGrpc }, workload, way);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#repository, { recursive: true, force: true });
  }
}

/** From its start: it looks at its cores once, to choose instances and threads. */
function launcherOn(cores: string): string[] {
  return ['taskset', '--cpu-list', cores];
}

function allInOne(server: SlipwayServer): SlipwayAddresses {
  const { stateDir, registry, gateway, gatewayGrpc, git, pid, child } = server;
  const state = () =>
    child.exitCode === null && child.signalCode === null ? 'running' : `ended (${child.exitCode ?? child.signalCode})`;
  return {
    ...{ stateDir, registry, gateway, gatewayGrpc, git, pid },
    endControlPlane: async () => {},
    describe: () => `slipway is ${state()}; its log ends with:\n${server.log().slice(-2000)}`,
    stop: async () => {
      await server.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
