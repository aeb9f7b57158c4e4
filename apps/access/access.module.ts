import { createHash } from 'node:crypto';
import { FileAccessMemory, ObjectStoreAccessSource } from '#adapters/access-store';
import { compilePolicies } from '#adapters/casl';
import type { accessSettings, ConfigOf } from '#adapters/config';
import { YamlPolicyParser } from '#adapters/json-schema';
import type { Logger } from '#adapters/telemetry';
import { JoseTokenVerifier, readIssuersFile } from '#adapters/token-issuers';
import { type Access, type AccessEvents, composeAccess, type FollowAccess } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { resourceInWords } from '#domain/access';

/** Where a program finds what decides over access, and keeps it. */
export interface AccessPlace {
  readonly openStore: () => Promise<ObjectStore>;
  /** File of this process's own. */
  readonly memoryPath: string;
}

/** Access in one program. */
export interface ProgramAccess extends Access {
  /** Looks for new policies and API keys, again and again. @returns what ends that. */
  keepUp(): () => void;
}

const nowMs = () => Date.now();

/**
 * Who may do what, as every program is told; with what was kept from an earlier run already in force.
 *
 * @throws INPUT_INVALID when the issuers or the administrator's key cannot be read.
 */
export async function openAccess(
  config: ConfigOf<typeof accessSettings>,
  { openStore, memoryPath }: AccessPlace,
  logger: Logger,
): Promise<ProgramAccess> {
  const issuers = config.tokenIssuers === undefined ? [] : await readIssuersFile(config.tokenIssuers);
  const onFailure = (issuer: string, error: unknown) =>
    logger.warn({ err: error, issuer }, 'the keys of a token issuer cannot be fetched');
  const access = composeAccess({
    isOpen: config.access === 'open',
    adminKey: config.adminKey,
    compile: compilePolicies,
    parser: new YamlPolicyParser(),
    source: new ObjectStoreAccessSource(openStore),
    memory: new FileAccessMemory(memoryPath),
    tokens: issuers.length === 0 ? undefined : new JoseTokenVerifier(issuers, { nowMs, onFailure }),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nowMs,
    events: eventsIn(logger),
  });
  await access.follow.recall();
  return { ...access, keepUp: () => keepUp(access.follow, config.accessPollMs, logger) };
}

function keepUp(follow: FollowAccess, pauseMs: number, logger: Logger): () => void {
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    await follow.look().catch((error: unknown) => logger.warn({ err: error }, 'policies and API keys cannot be read'));
    if (!isEnded) timer = setTimeout(look, pauseMs).unref();
  };
  void look();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

function eventsIn(logger: Logger): AccessEvents {
  return {
    onDenied: ({ principal: { kind, id }, action, resource, field, ruleId }) =>
      logger.info({ principal: `${kind} ${id}`, action, resource: resourceInWords(resource), field, ruleId }, 'denied'),
    onRefused: (reason) => logger.info({ reason }, 'a credential was refused'),
    onPolicies: ({ inForce, refused }) => {
      if (refused === undefined) logger.info({ revision: inForce }, 'policies are in force');
      else logger.error({ ...refused, inForce }, 'policies cannot be taken; the last good ones stay in force');
    },
    onUnkept: (error) => logger.warn({ err: error }, 'the policies cannot be kept on this machine'),
  };
}
