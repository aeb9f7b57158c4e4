import {
  type ConfigOf,
  choiceSetting,
  integerSetting,
  objectStoreSettings,
  portSetting,
  textSetting,
} from '#adapters/config';
import { LOG_LEVELS } from '#adapters/telemetry';

export const gatewaySettings = {
  host: textSetting('SLIPWAY_GATEWAY_HOST', 'Address to listen on.', { default: '127.0.0.1' }),
  port: portSetting('SLIPWAY_GATEWAY_PORT', 'Port for REST inference, health and metrics.', { default: '8080' }),
  grpcPort: portSetting('SLIPWAY_GATEWAY_GRPC_PORT', 'Port for gRPC inference.', { default: '8081' }),
  controllerGrpc: textSetting('SLIPWAY_CONTROLLER_GRPC', 'Host and port where the controller takes gateways.', {
    default: '127.0.0.1:8084',
  }),
  stateDir: textSetting('SLIPWAY_GATEWAY_STATE_DIR', 'Folder for cached artifacts and the last known good routes.', {
    default: '.slipway/gateway',
  }),
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
  ...objectStoreSettings,
};

export type GatewayConfig = ConfigOf<typeof gatewaySettings>;
