import { runProgram } from '#adapters/config';
import { createLogger } from '#adapters/telemetry';
import { gatewaySettings } from './config.ts';
import { startGateway } from './start-gateway.ts';

await runProgram({
  summary: 'The gateway: serves models by REST and gRPC with the Open Inference Protocol v2.',
  settings: gatewaySettings,
  start: (config) => startGateway(config, createLogger('gateway', config.logLevel)),
});
