import { runProgram } from '#adapters/config';
import { createLogger } from '#adapters/telemetry';
import { registrySettings } from './config.ts';
import { startRegistry } from './start-registry.ts';

await runProgram({
  summary: 'The registry: versions models. GraphQL at /graphql, artifact bytes by REST.',
  settings: registrySettings,
  start: (config) => startRegistry(config, createLogger('registry', config.logLevel)),
});
