import { runProgram } from '#adapters/config';
import { createLogger } from '#adapters/telemetry';
import { controllerSettings } from './config.ts';
import { startController } from './start-controller.ts';

await runProgram({
  summary: 'The controller: turns commits into releases, judges them, and takes the bad ones back.',
  settings: controllerSettings,
  start: (config) => startController(config, createLogger('controller', config.logLevel)),
});
