import type { TokenVerifier } from '#application/access';
import type { HostedPlugin } from '#application/plugin';
import type { Principal } from '#domain/access';
import { DomainError, isDomainError } from '#domain/errors';

const MAX_NAME_LENGTH = 256;
const MAX_VALUES = 1000;
const ATTRIBUTE = /^[a-zA-Z0-9_.:/-]{1,128}$/;
/** A JSON Web Token begins with an object in base64url. */
const WEB_TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/**
 * Whom a credential names by the plugins that know: each is asked in turn, until one does. What they say is a principal and no more, to
 * whom policies allow what they allow. A plugin that fails leaves the question open, and the request is refused.
 *
 * @param issuers decide over JSON Web Tokens alone, where there are any; absent: plugins do.
 */
export function verifierWithPlugins(
  plugins: readonly HostedPlugin[],
  issuers: TokenVerifier | undefined,
): TokenVerifier {
  return {
    verify: async (token) => {
      if (issuers !== undefined && WEB_TOKEN.test(token)) return issuers.verify(token);
      for (const plugin of plugins) {
        const principal = principalIn(await askedOf(plugin, token), plugin);
        if (principal !== undefined) return principal;
      }
      throw new DomainError('UNAUTHENTICATED', 'the credential is no API key, and nobody else knows it');
    },
  };
}

async function askedOf(plugin: HostedPlugin, credential: string): Promise<unknown> {
  try {
    return await plugin.execute(() => ({ value: { credential }, transfer: [] }));
  } catch (error) {
    if (isDomainError(error, 'INPUT_INVALID')) throw new DomainError('UNAUTHENTICATED', error.message);
    throw undecided(plugin, error);
  }
}

/** `undefined`: the plugin does not know the credential. */
function principalIn(answer: unknown, plugin: HostedPlugin): Principal | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { id, kind = 'user', groups = [], attributes = {}, validUntilMs } = Object(answer) as Record<string, unknown>;
  const wrong = (what: string) => undecided(plugin, plugin.misbehaved(`answered a principal whose ${what}`));
  if (typeof id !== 'string' || id === '' || id.length > MAX_NAME_LENGTH) throw wrong('id is no text of 1 to 256');
  if (kind !== 'user' && kind !== 'workload') throw wrong('kind is neither user nor workload');
  if (!areTexts(groups)) throw wrong('groups are no texts');
  const entries = Object.entries(Object(attributes) as Record<string, unknown>);
  const named = entries.map(([name, values]) => {
    if (!ATTRIBUTE.test(name) || !areTexts(values)) throw wrong(`attribute ${name.slice(0, 64)} is no list of texts`);
    return [name, values] as const;
  });
  if (validUntilMs !== undefined && !Number.isFinite(validUntilMs)) throw wrong('validUntilMs is no number');
  return {
    kind,
    id,
    groups,
    attributes: Object.fromEntries(named),
    credential: 'token',
    ...(validUntilMs === undefined ? {} : { validUntilMs: validUntilMs as number }),
  };
}

function areTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.length <= MAX_VALUES && values.every((value) => typeof value === 'string');
}

/** Whoever is not known yet is told no more than whom to ask again. */
function undecided(plugin: HostedPlugin, cause: unknown): DomainError {
  const message = `who sends this cannot be told now: the plugin ${plugin.name} does not answer`;
  return new DomainError('PLUGIN_UNAVAILABLE', message, {}, { cause });
}
