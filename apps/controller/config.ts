import {
  accessSettings,
  auditSettings,
  type ConfigOf,
  choiceSetting,
  clientTlsSettings,
  hostsSetting,
  integerSetting,
  objectStoreSettings,
  optionalTextSetting,
  optionalUrlSetting,
  pairsSetting,
  pluginSettings,
  portSetting,
  serverTlsSettings,
  signingSettings,
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
  registryKey: optionalTextSetting(
    'SLIPWAY_REGISTRY_KEY',
    'API key or token by which the registry knows the controller.',
    { isSecret: true },
  ),
  gitUrl: optionalTextSetting(
    'SLIPWAY_GIT_URL',
    'Repository of the manifests: a path, or an https or ssh URL. Required unless there are several.',
  ),
  gitSources: optionalTextSetting(
    'SLIPWAY_GIT_SOURCES',
    'Path of a YAML or JSON file that lists several repositories; it stands for URL, branch, path and verification.',
  ),
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
  gitVerify: choiceSetting(
    'SLIPWAY_GIT_VERIFY',
    'Whose signatures are asked for: nobody’s, that of the newest commit, or that of every commit since the last accepted one.',
    ['none', 'head', 'every'],
    { default: 'none' },
  ),
  gitAllowedSigners: optionalTextSetting(
    'SLIPWAY_GIT_ALLOWED_SIGNERS',
    'Path of the file with the SSH keys that may sign commits (allowed signers of OpenSSH).',
  ),
  gitKeyring: optionalTextSetting(
    'SLIPWAY_GIT_GPG_KEYRING',
    'Path of a file with the OpenPGP public keys that may sign commits.',
  ),
  gitSigningKey: optionalTextSetting(
    'SLIPWAY_GIT_SIGNING_KEY',
    'Path of the SSH private key, without a passphrase, that signs rollback commits.',
  ),
  gitMaxRemovedPercent: integerSetting(
    'SLIPWAY_GIT_MAX_REMOVED_PERCENT',
    'Most deployments that a commit removes without the trailer `Slipway-Confirm-Removal: yes`, in percent of at least four.',
    { min: 0, max: 100 },
    { default: '50' },
  ),
  gitStatus: choiceSetting(
    'SLIPWAY_GIT_STATUS',
    'Where statuses of commits are published: nowhere, as Git notes, or at a forge (`gitea` also for Forgejo).',
    ['none', 'notes', 'github', 'gitea', 'gitlab'],
    { default: 'none' },
  ),
  gitStatusUrl: optionalUrlSetting(
    'SLIPWAY_GIT_STATUS_URL',
    'Repository at the forge as people open it (`https://github.com/acme/models`), or its API.',
  ),
  gitStatusToken: optionalTextSetting(
    'SLIPWAY_GIT_STATUS_TOKEN',
    'Token of the forge that may set statuses of commits.',
    { isSecret: true },
  ),
  publicUrl: optionalUrlSetting(
    'SLIPWAY_CONTROLLER_PUBLIC_URL',
    'Base URL of the controller as people reach it; statuses of commits link to it.',
  ),
  webhookSecret: optionalTextSetting(
    'SLIPWAY_WEBHOOK_SECRET',
    'Secret that webhooks are signed with; without it they are taken from everybody.',
    { isSecret: true },
  ),
  authorName: textSetting('SLIPWAY_GIT_AUTHOR_NAME', 'Author of rollback commits.', { default: 'Slipway' }),
  authorEmail: textSetting('SLIPWAY_GIT_AUTHOR_EMAIL', 'Their e-mail address.', { default: 'slipway@localhost' }),
  registryUrl: textSetting('SLIPWAY_REGISTRY_URL', 'Base URL of the registry.', { default: 'http://127.0.0.1:8082' }),
  stateDir: textSetting(
    'SLIPWAY_CONTROLLER_STATE_DIR',
    'Folder for the mirror of the repository and this controller’s identity; each controller needs its own.',
    { default: '.slipway/controller' },
  ),
  prometheusUrl: optionalUrlSetting(
    'SLIPWAY_PROMETHEUS_URL',
    'Prometheus that gates ask, or what speaks its interface: the part before `/api/v1/query`.',
  ),
  prometheusTokenFile: optionalTextSetting(
    'SLIPWAY_PROMETHEUS_TOKEN_FILE',
    'File with the bearer token for it; read for each question.',
  ),
  prometheusUser: optionalTextSetting('SLIPWAY_PROMETHEUS_USER', 'User for it, where it wants no token.'),
  prometheusPasswordFile: optionalTextSetting(
    'SLIPWAY_PROMETHEUS_PASSWORD_FILE',
    "File with the user's password; read for each question.",
  ),
  prometheusHeaders: pairsSetting(
    'SLIPWAY_PROMETHEUS_HEADERS',
    'Further headers for it, as `key=value,key=value`, such as the tenant.',
    { isSecret: true },
  ),
  gateHosts: hostsSetting(
    'SLIPWAY_GATE_HOSTS',
    "Hosts that `http` gates may ask, as `host` (the scheme's own port) or `host:port`, with commas between; empty: none.",
  ),
  gateSecretFile: optionalTextSetting(
    'SLIPWAY_GATE_SECRET_FILE',
    'File with the key that signs the questions of `http` gates; read for each question.',
  ),
  logLevel: choiceSetting('SLIPWAY_LOG_LEVEL', 'Least severe level that is logged.', LOG_LEVELS, { default: 'info' }),
  ...accessSettings,
  ...signingSettings,
  ...pluginSettings,
  ...serverTlsSettings,
  ...clientTlsSettings,
  ...auditSettings('slipway-controller'),
  ...objectStoreSettings,
};

export type ControllerConfig = ConfigOf<typeof controllerSettings>;
