import { existsSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { readMetadataFile, toPushMetadata } from '../metadata-file.ts';
import { packageRoot } from '../package-root.ts';
import { pushModel } from '../push-model.ts';
import { batchOf, readHeldOutDigits } from './digits.ts';
import { type EmbeddedServer, startServer } from './embedded-server.ts';
import { quickstartAccess } from './quickstart-access.ts';
import { createReporter } from './reporter.ts';
import { Story, type StoryClients } from './story.ts';
import { nextSteps, summaryTable } from './summary.ts';

/** Options of the command. */
export interface QuickstartOptions {
  readonly once?: boolean;
  readonly reset?: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  SLIPWAY_GATEWAY_PORT: 8080,
  SLIPWAY_GATEWAY_GRPC_PORT: 8081,
  SLIPWAY_REGISTRY_PORT: 8082,
  SLIPWAY_CONTROLLER_PORT: 8083,
  SLIPWAY_CONTROLLER_GRPC_PORT: 8084,
};

/** What a shell reports for a program that ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

const silent = { reading() {}, moving() {}, skipped() {} };

/** Tells the story; answers the exit status: 0 only if every step did what it should. */
export async function runQuickstart(
  options: QuickstartOptions,
  context: CliContext,
  serverProgram: string,
): Promise<number> {
  const startedMs = performance.now();
  // biome-ignore lint/style/noProcessEnv: handed on to the server, which reads its settings from there
  const environment = process.env;
  const stateDir = resolve(environment['SLIPWAY_STATE_DIR'] ?? '.slipway');
  const access = quickstartAccess(environment, stateDir);
  if (options.reset === true) rmSync(stateDir, { recursive: true, force: true });
  const isServing = existsSync(join(stateDir, 'store/rollouts/default/digits.json'));
  process.stdout.write(`${access.notice}\n`);
  const settings = { ...access.settings, ...(await freePorts(environment)) };
  const server = await startServer({
    program: serverProgram,
    stateDir,
    environment: { ...environment, SLIPWAY_STATE_DIR: stateDir, ...settings },
  });
  const reporter = createReporter(process.stdout);
  const interrupted = untilInterrupted();
  try {
    const models = join(packageRoot(), 'test/models/digits');
    const digits = readHeldOutDigits(models);
    const clients = createClients(context, server);
    const story = new Story(clients, digits, models, reporter, `run-${Date.now()}`);
    const result = await Promise.race([story.tell(isServing), interrupted.then(() => undefined)]);
    if (result === undefined) {
      process.stderr.write('\ninterrupted; the state is kept, and the next run goes on from there\n');
      return EXIT_INTERRUPTED;
    }
    process.stdout.write(`\n${summaryTable(result, performance.now() - startedMs)}\n`);
    if (options.once === true) return 0;
    const steps = nextSteps(server.endpoints, batchOf(digits, 0, 1).pixels, access.curlOptions);
    process.stdout.write(`\n${steps}\n\nRunning; Ctrl-C ends it.\n`);
    await interrupted;
    return 0;
  } catch (error) {
    process.stderr.write(`\nerror: ${(error as Error).message}\nThe server's log is ${server.logFile}\n`);
    return 1;
  } finally {
    reporter.close();
    await server.stop();
  }
}

function createClients(context: CliContext, { endpoints }: EmbeddedServer): StoryClients {
  const at = context.at(endpoints);
  const namespace = 'default';
  return {
    push: async (model, file, metadataFile, idempotencyKey) => {
      const metadata = toPushMetadata(readMetadataFile(metadataFile));
      const request = {
        namespace,
        model,
        version: (await context.localModels.read(file)).versions[0],
        target: 'CPU',
        precision: 'FP32',
        metadata,
        idempotencyKey,
      } as const;
      return (await pushModel(at.registry(), { ...request, createsModel: true }, silent)).version.version;
    },
    commitManifest: async (file, text, message) => {
      return (await at.repository(undefined, 'main').commit({ file, edit: () => text, message })).commit;
    },
    commitMessage: (commit) => at.repository(undefined, 'main').messageOf(commit),
    watch: (deployment, signal) => at.controller().watch(namespace, deployment, signal),
    classifyByRest: restClassifier(at),
    classifyByGrpc: grpcClassifier(at, endpoints.gatewayGrpc),
  };
}

function restClassifier(context: CliContext): StoryClients['classifyByRest'] {
  const gateway = context.gateway();
  return async (model, pixels, rows) => {
    const inputs = [{ name: 'pixels', datatype: 'FP32' as const, shape: [rows, 64], data: pixels }];
    const answer = await gateway.infer(model, { inputs, outputs: ['label'] });
    const labels = (answer.outputs[0]?.data ?? []) as number[];
    return { labels, modelVersion: answer.modelVersion, isFallback: answer.isFallback };
  };
}

function grpcClassifier(context: CliContext, address: string): StoryClients['classifyByGrpc'] {
  const gateway = context.gatewayGrpc(address);
  return async (model, pixels, rows) => {
    const data = new Uint8Array(Float32Array.from(pixels).buffer);
    const answer = await gateway.infer(model, [{ name: 'pixels', datatype: 'FP32' as const, shape: [rows, 64], data }]);
    const label = answer.outputs.find((output) => output.name === 'label');
    const labels = [...new BigInt64Array(Uint8Array.from(label?.data ?? []).buffer)].map(Number);
    return { labels, modelVersion: answer.modelVersion, isFallback: false };
  };
}

/** The default ports where they are free; where another program has one, any other. */
async function freePorts(environment: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const taken: Record<string, string> = {};
  for (const [variable, port] of Object.entries(DEFAULT_PORTS)) {
    if (environment[variable] === undefined && (await isTaken(port))) {
      taken[variable] = '0';
      process.stderr.write(`port ${port} is taken: using another one\n`);
    }
  }
  return taken;
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
