import {
  accessSettings,
  addressesSetting,
  auditSettings,
  booleanSetting,
  type ConfigOf,
  choiceSetting,
  clientTlsSettings,
  digestsSetting,
  integerSetting,
  listSetting,
  objectStoreSettings,
  optionalTextSetting,
  pluginSettings,
  portSetting,
  serverTlsSettings,
  signingSettings,
  textSetting,
  tracingSettings,
} from '#adapters/config';
import { ACCESS_LOG_MODES, LOG_LEVELS } from '#adapters/telemetry';

const telemetrySettings = {
  tritonMetrics: booleanSetting(
    'SLIPWAY_GATEWAY_TRITON_METRICS',
    "Whether /metrics has Triton's names too, for dashboards that know them.",
    { default: 'false' },
  ),
  accessLog: choiceSetting(
    'SLIPWAY_GATEWAY_ACCESS_LOG',
    'Which inference requests get a line of JSON: none, those that failed, or all.',
    ACCESS_LOG_MODES,
    { default: 'off' },
  ),
  accessLogPercent: integerSetting(
    'SLIPWAY_GATEWAY_ACCESS_LOG_PERCENT',
    'Percent of the answered requests that get one; those that failed always do.',
    { min: 1, max: 100 },
    { default: '100' },
  ),
  accessLogPath: optionalTextSetting('SLIPWAY_GATEWAY_ACCESS_LOG_PATH', 'Where they go instead of standard output.'),
  payloadLogMemoryMib: integerSetting(
    'SLIPWAY_GATEWAY_PAYLOAD_LOG_MEMORY_MIB',
    'Most memory for logged requests and answers that wait for the object store, in MiB; more are dropped.',
    { min: 1, max: 65_536 },
    { default: '64' },
  ),
  payloadLogObjectKib: integerSetting(
    'SLIPWAY_GATEWAY_PAYLOAD_LOG_OBJECT_KIB',
    'Size at which an object of them is written, in KiB.',
    { min: 1, max: 1_048_576 },
    { default: '1024' },
  ),
  payloadLogSeconds: integerSetting(
    'SLIPWAY_GATEWAY_PAYLOAD_LOG_SECONDS',
    'Longest time for which they are gathered.',
    { min: 1, max: 3600 },
    { default: '10' },
  ),
  payloadLogTensorKib: integerSetting(
    'SLIPWAY_GATEWAY_PAYLOAD_LOG_TENSOR_KIB',
    'Tensors larger than this, in KiB, are logged without their elements.',
    { min: 0, max: 1_048_576 },
    { default: '256' },
  ),
  ...tracingSettings('slipway-gateway'),
  ...auditSettings('slipway-gateway'),
};

export const gatewaySettings = {
  host: textSetting('SLIPWAY_GATEWAY_HOST', 'Address to listen on.', { default: '127.0.0.1' }),
  port: portSetting('SLIPWAY_GATEWAY_PORT', 'Port for REST inference, health and metrics.', { default: '8080' }),
  grpcPort: portSetting('SLIPWAY_GATEWAY_GRPC_PORT', 'Port for gRPC inference.', { default: '8081' }),
  controllerGrpc: addressesSetting(
    'SLIPWAY_CONTROLLER_GRPC',
    'Host and port where the controller takes gateways, as `grpcs://host:port` where it has TLS; of several controllers all, with commas between them.',
    { default: '127.0.0.1:8084' },
  ),
  signedBy: listSetting(
    'SLIPWAY_GATEWAY_SIGNED_BY',
    'Signers, with commas between them, one of whom must have signed every version that is loaded, whatever its manifest says; empty: manifests decide.',
    ',',
  ),
  controllerKey: optionalTextSetting(
    'SLIPWAY_CONTROLLER_KEY',
    'API key or token by which the controllers know the gateway.',
    { isSecret: true },
  ),
  stateDir: textSetting('SLIPWAY_GATEWAY_STATE_DIR', 'Folder for cached artifacts and the last known good routes.', {
    default: '.slipway/gateway',
  }),
  cacheMib: integerSetting(
    'SLIPWAY_GATEWAY_CACHE_MIB',
    'Room for artifacts on the disk, in MiB: what no deployment needs any more is evicted, the least recently used first.',
    { min: 1, max: 1_000_000_000 },
    { default: '20480' },
  ),
  memoryMib: integerSetting(
    'SLIPWAY_GATEWAY_MEMORY_MIB',
    'Memory for loaded models and their runners, in MiB: beyond it those that nobody needs now sleep until they are asked for. 0: no limit.',
    { min: 0, max: 1_000_000_000 },
    { default: '0' },
  ),
  idleSeconds: integerSetting(
    'SLIPWAY_GATEWAY_IDLE_SECONDS',
    'Time without a request after which the stable version of a deployment may sleep, when memory is short.',
    { min: 1, max: 31_536_000 },
    { default: '300' },
  ),
  maxBodyMib: integerSetting(
    'SLIPWAY_GATEWAY_MAX_BODY_MIB',
    'Largest inference request, in MiB.',
    { min: 1, max: 1024 },
    { default: '64' },
  ),
  maxConnections: integerSetting(
    'SLIPWAY_GATEWAY_MAX_CONNECTIONS',
    'REST connections that may be open at once; more are closed at once. Keep it below the limit of open files.',
    { min: 1, max: 1_000_000 },
    { default: '10000' },
  ),
  maxStreams: integerSetting(
    'SLIPWAY_GATEWAY_MAX_STREAMS',
    'gRPC calls that one connection may have open at once; more wait in the client.',
    { min: 1, max: 1_000_000 },
    { default: '1000' },
  ),
  requestSeconds: integerSetting(
    'SLIPWAY_GATEWAY_REQUEST_SECONDS',
    'Longest time for a REST request to arrive whole; its headers have ten seconds of it.',
    { min: 1, max: 3600 },
    { default: '60' },
  ),
  runtime: choiceSetting(
    'SLIPWAY_GATEWAY_RUNTIME',
    'What models run in: onnxruntime-node, on the processor, or the native runtime, which is built with `npm run build:native`, on whatever its ONNX Runtime library can use.',
    ['onnxruntime-node', 'native'],
    { default: 'onnxruntime-node' },
  ),
  onnxruntimeLibrary: optionalTextSetting(
    'SLIPWAY_GATEWAY_ONNXRUNTIME_LIBRARY',
    'Path of the ONNX Runtime library, 1.22 or newer, that the native runtime opens instead of the one that onnxruntime-node brings along, which is for the processor.',
  ),
  ascendclLibrary: optionalTextSetting(
    'SLIPWAY_GATEWAY_ASCENDCL_LIBRARY',
    "Path of `libascendcl.so` of Ascend's CANN, with which the native runtime runs offline models (`.om`); without it they are not run.",
  ),
  operators: digestsSetting(
    'SLIPWAY_GATEWAY_OPERATORS',
    'Digests of the operator libraries that may be loaded, `sha256:…` with commas between them: they are code that runs with models. Empty: versions that bring any are refused.',
  ),
  operatorLibraries: listSetting(
    'SLIPWAY_GATEWAY_OPERATOR_LIBRARIES',
    'Paths of operator libraries from which every model may take operators, with commas between them; their digests are to be allowed, too.',
    ',',
  ),
  cores: integerSetting(
    'SLIPWAY_GATEWAY_CORES',
    'Cores that models are spread over when their threads and instances are chosen; 0 takes all that there are.',
    { min: 0, max: 1024 },
    { default: '0' },
  ),
  runnerMemoryMib: integerSetting(
    'SLIPWAY_GATEWAY_RUNNER_MEMORY_MIB',
    'Memory that the runner of one model may take, in MiB: a run that asks for more fails. 0 takes four fifths of what the machine, or the container, has. On Linux.',
    { min: 0, max: 16 * 1024 * 1024 },
    { default: '0' },
  ),
  drainSeconds: integerSetting(
    'SLIPWAY_GATEWAY_DRAIN_SECONDS',
    'Longest time for requests in flight to end at shutdown.',
    { min: 0, max: 600 },
    { default: '30' },
  ),
  logLevel: choiceSetting('SLIPWAY_LOG_LEVEL', 'Least severe level that is logged.', LOG_LEVELS, { default: 'info' }),
  ...telemetrySettings,
  ...accessSettings,
  ...signingSettings,
  ...pluginSettings,
  ...serverTlsSettings,
  ...clientTlsSettings,
  ...objectStoreSettings,
};

export type GatewayConfig = ConfigOf<typeof gatewaySettings>;
