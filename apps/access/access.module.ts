import { createHash, randomUUID } from 'node:crypto';
import { FileAccessMemory, ObjectStoreAccessSource, ObjectStoreDecisions } from '#adapters/access-store';
import { compilePolicies, Networks, trustedProxies } from '#adapters/casl';
import { type accessSettings, type ConfigOf, isLoopbackHost } from '#adapters/config';
import { YamlPolicyParser } from '#adapters/json-schema';
import type { Logger } from '#adapters/telemetry';
import { JoseTokenVerifier, readIssuersFile } from '#adapters/token-issuers';
import {
  type Access,
  type AccessEvents,
  composeAccess,
  DecisionRecorder,
  KeepDecisions,
  NO_POLICIES,
  type RecordedDecision,
  StandingRefusals,
  type TokenVerifier,
} from '#application/access';
import type { Auditor } from '#application/audit';
import type { HostedPlugin, PluginSet } from '#application/plugin';
import type { ObjectStore } from '#application/registry';
import { verifierWithPlugins } from '#apps/plugins';
import { resourceInWords } from '#domain/access';
import { type AuditConfig, openAudit, type ProgramAudit } from './audit.module.ts';
import { auditPrincipalOf, deniedEntry, refusedEntry } from './audit-entries.ts';
import { DenialLog } from './denial-log.ts';

/** Where a program finds what decides over access, and keeps it. */
export interface AccessPlace {
  readonly openStore: () => Promise<ObjectStore>;
  /** File of this process's own. */
  readonly memoryPath: string;
  /** What the program is called in the bucket, such as `registry`. */
  readonly program: string;
  /** Address that the program listens on. */
  readonly host: string;
  /** That tell whom a credential names; absent: none do. */
  readonly plugins?: PluginSet;
  /** The audit log, where the program writes it already. */
  readonly audit?: ProgramAudit;
}

/** Access in one program. */
export interface ProgramAccess extends Access {
  /** Who came, what was refused and denied. Closed by whoever asked for access. */
  readonly audit: ProgramAudit;
  /** What all programs decided lately; nothing where nothing is recorded. @throws STORE_UNAVAILABLE */
  recentDecisions(): Promise<readonly RecordedDecision[]>;
  /**
   * Looks for new policies and API keys, writes what was decided, and tells of credentials that are refused again, as long as it lasts.
   *
   * @returns what ends that, and writes and tells what is not written and told yet.
   */
  keepUp(): () => Promise<void>;
}

/** Where operators read on. */
const GUIDE = 'docs/guides/access.md';
/** How often what was decided is written, where there is anything new. */
const DECISIONS_EVERY_MS = 3000;
/** How often it is looked whether there is something to tell of credentials that are refused again and again. */
const REFUSALS_EVERY_MS = 10_000;
const DAY_MS = 24 * 3_600_000;

const nowMs = () => Date.now();

/**
 * Who may do what, as every program is told; with what was kept from an earlier run already in force.
 *
 * @throws INPUT_INVALID when the issuers or the administrator's key cannot be read.
 */
export async function openAccess(
  config: ConfigOf<typeof accessSettings> & AuditConfig,
  { openStore, memoryPath, program, host, audit: opened, plugins }: AccessPlace,
  logger: Logger,
): Promise<ProgramAccess> {
  if (config.access === 'open' && !isLoopbackHost(host)) warnOfOpenAccess(program, host, logger);
  const audit = opened ?? (await openAudit(config, { openStore, program }, logger));
  const networks = new Networks();
  const recording = openRecording(config, openStore, program);
  const refusals = new StandingRefusals(nowMs);
  const access = composeAccess({
    isOpen: config.access === 'open',
    adminKey: config.adminKey,
    compile: compilePolicies,
    parser: new YamlPolicyParser(),
    source: new ObjectStoreAccessSource(openStore),
    memory: new FileAccessMemory(memoryPath),
    tokens: await tokensOf(config, plugins?.ofKind('auth-source') ?? [], logger),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nowMs,
    events: eventsIn(config, logger, audit.trail, refusals),
    isInNetwork: (network, address) => networks.contains(network, address),
    proxies: trustedProxies(config.trustedProxies),
    onDecision: recording && ((decision) => recording.recorder.note(decision)),
  });
  await access.follow.recall();
  const unread = failed(logger, 'policies and API keys cannot be read');
  const unwritten = failed(logger, 'what was decided cannot be written');
  return {
    ...access,
    audit,
    recentDecisions: async () => {
      await recording?.keep.save();
      return recording?.log.load() ?? [];
    },
    keepUp: () => {
      const stopFollowing = repeat(() => access.follow.look().catch(unread), config.accessPollMs);
      const { keep } = recording ?? {};
      const stopKeeping = repeat(async () => keep?.tend().catch(unwritten), DECISIONS_EVERY_MS);
      const stopTelling = repeat(async () => refusals.tend(), REFUSALS_EVERY_MS);
      return async () => {
        stopFollowing();
        stopKeeping();
        stopTelling();
        refusals.close();
        await keep?.save().catch(unwritten);
      };
    },
  };
}

/** What tells whom a token names: identity providers, plugins, or both; `undefined` without any. @throws INPUT_INVALID */
async function tokensOf(
  { tokenIssuers }: ConfigOf<typeof accessSettings>,
  plugins: readonly HostedPlugin[],
  logger: Logger,
): Promise<TokenVerifier | undefined> {
  const issuers = tokenIssuers === undefined ? [] : await readIssuersFile(tokenIssuers);
  const onFailure = (issuer: string, error: unknown) =>
    logger.warn({ err: error, issuer }, 'the keys of a token issuer cannot be fetched');
  const verifier = issuers.length === 0 ? undefined : new JoseTokenVerifier(issuers, { nowMs, onFailure });
  return plugins.length === 0 ? verifier : verifierWithPlugins(plugins, verifier);
}

/** What writes down what is decided; `undefined` where nobody wants to know, or everybody may do everything. */
function openRecording(
  { access, accessDecisionDays }: ConfigOf<typeof accessSettings>,
  openStore: AccessPlace['openStore'],
  program: string,
) {
  if (access === 'open' || accessDecisionDays === 0) return undefined;
  const log = new ObjectStoreDecisions(openStore, `${program}-${randomUUID()}`);
  const recorder = new DecisionRecorder();
  return { log, recorder, keep: new KeepDecisions({ recorder, log, nowMs, keptMs: accessDecisionDays * DAY_MS }) };
}

function failed(logger: Logger, message: string): (error: unknown) => void {
  return (error) => logger.warn({ err: error }, message);
}

/** Does something again and again, each time after a pause since the last. @returns what ends that. */
function repeat(act: () => Promise<void>, pauseMs: number): () => void {
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const turn = async () => {
    await act();
    if (!isEnded) timer = setTimeout(turn, pauseMs).unref();
  };
  void turn();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

function warnOfOpenAccess(program: string, host: string, logger: Logger): void {
  const isOpen = `everybody who reaches the ${program} at ${host} may do everything, because SLIPWAY_ACCESS is open`;
  const advice = `leave it at policies (${GUIDE}), or have SLIPWAY_${program.toUpperCase()}_HOST at 127.0.0.1`;
  logger.warn({ host }, `${isOpen}: ${advice}`);
}

function eventsIn(
  { access, adminKey }: ConfigOf<typeof accessSettings>,
  logger: Logger,
  auditor: Auditor,
  refusals: StandingRefusals,
): AccessEvents {
  const denials = new DenialLog(logger, () => performance.now());
  return {
    onDenied: (denial) => {
      const { principal, action, resource, field, ruleId, repeats } = denial;
      const who = `${principal.kind} ${principal.id}`;
      const what = { principal: who, action, resource: resourceInWords(resource), field, ruleId };
      if (repeats === undefined) denials.add('denied', what);
      else logger.info({ ...what, count: repeats.count }, 'denied again');
      auditor.note(deniedEntry(denial));
    },
    onRefused: ({ reason, fingerprint }) =>
      refusals.refused(fingerprint, reason, (repeats) => {
        if (repeats === undefined) denials.add('a credential was refused', { reason });
        else logger.info({ reason, count: repeats.count }, 'a credential was refused again');
        auditor.note(refusedEntry(reason, repeats));
      }),
    onLogin: (principal) => auditor.note({ kind: 'login', principal: auditPrincipalOf(principal) }),
    onPolicies: ({ inForce, refused }) => {
      if (refused !== undefined)
        logger.error({ ...refused, inForce }, 'policies cannot be taken; the last good ones stay in force');
      else if (inForce !== NO_POLICIES) logger.info({ revision: inForce }, 'policies are in force');
      else if (access !== 'open') tellThatNobodyMay(adminKey, logger);
    },
    onUnkept: (error) => logger.warn({ err: error }, 'the policies cannot be kept on this machine'),
  };
}

/** For whoever has just started the first programs, and wonders why they refuse everything. */
function tellThatNobodyMay(adminKey: string | undefined, logger: Logger): void {
  const none = 'no policies are published yet, so that nobody';
  if (adminKey !== undefined) logger.info(`${none} but the administrator may do anything: ${GUIDE}`);
  else logger.warn(`${none} may do anything, and SLIPWAY_ADMIN_KEY is not set for the first ones: ${GUIDE}`);
}
