import { join } from 'node:path';
import { accessSettings, type Environment, isLoopbackHost, loadConfig } from '#adapters/config';
import { DomainError } from '#domain/errors';

/** Who may do what while the quickstart runs. */
export interface QuickstartAccess {
  /** What the server is told beside the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** For the terminal: who may do what, and how to have it otherwise. */
  readonly notice: string;
  /** What the printed curl commands say beside the address, such as a header. */
  readonly curlOptions: string;
}

const HOSTS = ['SLIPWAY_REGISTRY_HOST', 'SLIPWAY_GATEWAY_HOST', 'SLIPWAY_CONTROLLER_HOST'] as const;
const GUIDE = 'docs/guides/access.md';

/**
 * Access is open in the quickstart, unless the environment says what it is to be, or has a port listen beyond this machine.
 *
 * @throws ConfigError; INPUT_INVALID when the story could not show a key that lets it do something.
 */
export function quickstartAccess(environment: Environment, stateDir: string): QuickstartAccess {
  const isSaid = environment['SLIPWAY_ACCESS'] !== undefined || environment['SLIPWAY_ACCESS_FILE'] !== undefined;
  const exposed = HOSTS.find((name) => !isLoopbackHost(environment[name] ?? '127.0.0.1'));
  const settings: Record<string, string> = isSaid || exposed !== undefined ? {} : { SLIPWAY_ACCESS: 'open' };
  const { access } = loadConfig({ access: accessSettings.access }, { ...environment, ...settings });
  if (access === 'open') {
    const reach = exposed === undefined ? 'on this machine' : `that reaches these ports (${exposed})`;
    const notice = `Access is open: every program ${reach} may do everything here. SLIPWAY_ACCESS=policies closes it (${GUIDE}).`;
    return { settings, notice, curlOptions: '' };
  }
  return { settings, ...keyOfStory(environment, stateDir) };
}

function keyOfStory(environment: Environment, stateDir: string): Pick<QuickstartAccess, 'notice' | 'curlOptions'> {
  const shown = (key: string) => ` -H "authorization: Bearer ${key}"`;
  if (environment['SLIPWAY_API_KEY'] !== undefined)
    return { notice: closed('the key in SLIPWAY_API_KEY'), curlOptions: shown('$SLIPWAY_API_KEY') };
  if (environment['SLIPWAY_ADMIN_KEY'] !== undefined || environment['SLIPWAY_ADMIN_KEY_FILE'] !== undefined)
    throw new DomainError(
      'INPUT_INVALID',
      'access is closed, and the quickstart has no key to show: set SLIPWAY_API_KEY to the key that is set as SLIPWAY_ADMIN_KEY, or set neither',
    );
  const file = join(stateDir, 'admin.key');
  return { notice: closed(`the administrator's key, ${file}`), curlOptions: shown(`$(cat '${file}')`) };
}

const closed = (key: string) =>
  `Access is closed: the story is told with ${key}; without one nobody may do anything (${GUIDE}).`;
