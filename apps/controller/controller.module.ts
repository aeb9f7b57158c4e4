import { ObjectStorePolicies } from '#adapters/access-store';
import { HookGateProvider } from '#adapters/gate-hook';
import { GrpcGatewayFleet } from '#adapters/gateway-fleet';
import { YamlManifestParser, YamlPolicyParser } from '#adapters/json-schema';
import { readSignersFile } from '#adapters/model-signing';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { PrometheusGateProvider } from '#adapters/prometheus-query';
import { RegistryClient } from '#adapters/registry-client';
import { ObjectStoreJournal, ObjectStoreLease } from '#adapters/rollout-journal';
import type { Logger } from '#adapters/telemetry';
import { PublishPolicies } from '#application/access';
import type { Auditor } from '#application/audit';
import type { PluginSet } from '#application/plugin';
import type { ObjectStore } from '#application/registry';
import {
  type Contender,
  type GateProvider,
  Leadership,
  type LeadershipEvents,
  providerByMetric,
  Reconciler,
  type Scheduler,
  type StatusReporter,
} from '#application/rollout';
import { openAudit, type ProgramAccess, type ProgramAudit } from '#apps/access';
import { openPlugins, type ProgramPlugins } from '#apps/plugins';
import { openClientTls } from '#apps/tls';
import { createAccess } from './access.module.ts';
import { AuditedJournal } from './audited-journal.ts';
import { auditedPolicies } from './audited-policies.ts';
import type { ControllerConfig } from './config.ts';
import { createGitSource, reportStatuses } from './git-source.module.ts';
import { PluginGateProvider } from './plugin-gate.ts';
import { withPolicies } from './policy-source.ts';
import { RegistryCatalogue } from './registry-catalogue.ts';

/** The controller's parts, wired to the outside. */
export interface ControllerParts {
  readonly reconciler: Reconciler;
  readonly fleet: GrpcGatewayFleet;
  readonly access: ProgramAccess;
  readonly plugins: ProgramPlugins;
  /** Where statuses of commits are published. */
  readonly reporter: StatusReporter | undefined;
  /** What rollouts and policies do, written down. */
  readonly audit: ProgramAudit;
  /** This controller's part in the choice of the one that acts; until it is started the reconciler has no rights. */
  contend(self: Contender, events: LeadershipEvents): Leadership;
}

const after: Scheduler['after'] = (delayMs, task) => {
  const timer = setTimeout(task, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
const scheduler: Scheduler = { nowMs: () => Date.now(), after };
const monotonic: Scheduler = { nowMs: () => performance.now(), after };

/** Builds the loop over Git, the gateways, the registry and the bucket. */
export async function createController(config: ControllerConfig, logger: Logger): Promise<ControllerParts> {
  const store = config.store === 'fs' ? await FsObjectStore.open(config.storeDir) : await S3ObjectStore.open(config);
  const audit = await openAudit(config, { openStore: async () => store, program: 'controller' }, logger);
  const plugins = await openPlugins(config.plugins, ['gate', 'auth-source'], logger);
  const access = await createAccess(config, { store, audit, plugins: plugins.set }, logger);
  const parser = new YamlManifestParser();
  const { source, publisher } = await createGitSource(config, parser, scheduler);
  const onFailure = (what: string, error: unknown) =>
    logger.warn({ err: error }, `${what} failed; it will be tried again`);
  const signers = await readSignersFile(config.signers);
  const fleet = new GrpcGatewayFleet(scheduler.nowMs());
  // The reconciler asks what it may do, and leadership tells it when terms begin and end: hence the late look-up.
  const acting: { leadership?: Leadership } = {};
  const reconciler = new Reconciler({
    source: withPolicies(source, {
      publish: policyPublisher(store, audit.trail, logger),
      epoch: () => (acting.leadership?.authority === 'full' ? acting.leadership.epoch : undefined),
      onFailure: (error) => onFailure('publishing policies', error),
    }),
    parser,
    fleet,
    catalogue: new RegistryCatalogue(
      new RegistryClient(config.registryUrl, {
        credential: config.registryKey,
        agent: openClientTls(config, logger).agent,
      }),
      signers,
      (reason) => logger.error(`${reason}; what is served goes on as it is`),
    ),
    journal: new AuditedJournal(new ObjectStoreJournal(store), audit.trail, scheduler.nowMs),
    scheduler,
    gateProvider: createGateProvider(config, plugins.set),
    maxRemovedPercent: config.gitMaxRemovedPercent,
    onNotice: ({ code, commit, message }) => logger.warn({ code, commit }, message),
    authority: () => acting.leadership?.authority ?? 'none',
    onFenced: (reason) => acting.leadership?.stepDown(reason),
    onFailure,
  });
  const reporter =
    publisher && reportStatuses(reconciler, { publisher, scheduler, publicUrl: config.publicUrl, onFailure });
  const contend = (self: Contender, events: LeadershipEvents) => {
    acting.leadership = new Leadership(self, config.leaseTtlSeconds * 1000, {
      store: new ObjectStoreLease(store),
      clock: monotonic,
      now: () => new Date().toISOString(),
      wallMs: scheduler.nowMs,
      events,
      onFailure,
    });
    return acting.leadership;
  };
  return { reconciler, fleet, access, plugins, reporter, audit, contend };
}

/** Publishes the policies of the repository to the bucket, where every program reads them. */
function policyPublisher(store: ObjectStore, auditor: Auditor, logger: Logger): PublishPolicies {
  return new PublishPolicies({
    parser: new YamlPolicyParser(),
    publisher: auditedPolicies(new ObjectStorePolicies(store), auditor),
    onPublished: (commit, files) => logger.info({ commit, files }, 'policies are published'),
    onRefused: (commit, problems) =>
      logger.error({ commit, problems }, 'policies cannot be taken; the last good ones stay in force'),
  });
}

function createGateProvider(config: ControllerConfig, plugins: PluginSet): GateProvider {
  return providerByMetric({
    prometheus: new PrometheusGateProvider({
      url: config.prometheusUrl,
      tokenFile: config.prometheusTokenFile,
      user: config.prometheusUser,
      passwordFile: config.prometheusPasswordFile,
      headers: config.prometheusHeaders,
    }),
    http: new HookGateProvider({
      hosts: config.gateHosts,
      secretFile: config.gateSecretFile,
      nowMs: scheduler.nowMs,
    }),
    plugin: new PluginGateProvider(plugins),
  });
}
