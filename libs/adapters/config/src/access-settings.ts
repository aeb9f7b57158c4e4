import { choiceSetting, integerSetting, networksSetting, optionalTextSetting } from './setting.ts';

/** Who may do what. */
export const accessSettings = {
  access: choiceSetting(
    'SLIPWAY_ACCESS',
    'Who may do what: `policies` lets each do what policies allow, `open` everybody everything.',
    ['policies', 'open'],
    { default: 'policies' },
  ),
  adminKey: optionalTextSetting(
    'SLIPWAY_ADMIN_KEY',
    'An API key that may do everything, for the first policies and the last resort; the all-in-one makes one up.',
    { isSecret: true },
  ),
  tokenIssuers: optionalTextSetting(
    'SLIPWAY_TOKEN_ISSUERS',
    'File (YAML or JSON) with the identity providers whose tokens are taken.',
  ),
  trustedProxies: networksSetting(
    'SLIPWAY_TRUSTED_PROXIES',
    'Proxies that are believed about where a request comes from, by `X-Forwarded-For`: networks (`10.0.0.0/8`) or addresses, with commas between. Empty: none, and the header means nothing.',
  ),
  accessPollMs: integerSetting(
    'SLIPWAY_ACCESS_POLL_MS',
    'How often to look for new policies and API keys.',
    { min: 100, max: 60_000 },
    { default: '1000' },
  ),
  accessDecisionDays: integerSetting(
    'SLIPWAY_ACCESS_DECISION_DAYS',
    'For how many days the bucket remembers what was decided, so that `slipway auth dry-run` can compare; 0: nothing is recorded.',
    { min: 0, max: 90 },
    { default: '7' },
  ),
};
