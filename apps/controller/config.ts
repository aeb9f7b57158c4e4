import {
  type ConfigOf,
  choiceSetting,
  integerSetting,
  objectStoreSettings,
  optionalTextSetting,
  portSetting,
  textSetting,
} from '#adapters/config';
import { LOG_LEVELS } from '#adapters/telemetry';

export const controllerSettings = {
  host: textSetting('SLIPWAY_CONTROLLER_HOST', 'Address to listen on.', { default: '127.0.0.1' }),
  port: portSetting('SLIPWAY_CONTROLLER_PORT', 'Port for REST, event streams and webhooks.', { default: '8083' }),
  grpcPort: portSetting('SLIPWAY_CONTROLLER_GRPC_PORT', 'Port that gateways attach to.', { default: '8084' }),
  advertisedHost: optionalTextSetting(
    'SLIPWAY_CONTROLLER_ADVERTISED_HOST',
    'Host that the others are told when this one of several controllers leads; empty for the address that it listens on.',
  ),
  leaseTtlSeconds: integerSetting(
    'SLIPWAY_CONTROLLER_LEASE_TTL',
    'Seconds after which another of several controllers takes over from one that is gone. The same for all of them.',
    { min: 1, max: 300 },
    { default: '10' },
  ),
  gitUrl: textSetting('SLIPWAY_GIT_URL', 'Repository of the manifests: a path, or an https or ssh URL.'),
  gitBranch: textSetting('SLIPWAY_GIT_BRANCH', 'Branch that is deployed.', { default: 'main' }),
  gitPath: textSetting('SLIPWAY_GIT_PATH', 'Folder of the manifests in the repository; empty for all of it.', {
    default: '',
  }),
  gitPollSeconds: integerSetting(
    'SLIPWAY_GIT_POLL_SECONDS',
    'Seconds between two looks at the repository; a webhook to /hooks/git makes the next one immediate.',
    { min: 1, max: 3600 },
    { default: '10' },
  ),
  authorName: textSetting('SLIPWAY_GIT_AUTHOR_NAME', 'Author of rollback commits.', { default: 'Slipway' }),
  authorEmail: textSetting('SLIPWAY_GIT_AUTHOR_EMAIL', 'Their e-mail address.', { default: 'slipway@localhost' }),
  registryUrl: textSetting('SLIPWAY_REGISTRY_URL', 'Base URL of the registry.', { default: 'http://127.0.0.1:8082' }),
  stateDir: textSetting(
    'SLIPWAY_CONTROLLER_STATE_DIR',
    'Folder for the mirror of the repository and this controller’s identity; each controller needs its own.',
    {
      default: '.slipway/controller',
    },
  ),
  logLevel: choiceSetting('SLIPWAY_LOG_LEVEL', 'Least severe level that is logged.', LOG_LEVELS, { default: 'info' }),
  ...objectStoreSettings,
};

export type ControllerConfig = ConfigOf<typeof controllerSettings>;
