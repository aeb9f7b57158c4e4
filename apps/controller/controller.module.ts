import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { GrpcGatewayFleet } from '#adapters/gateway-fleet';
import { GitManifestSource } from '#adapters/git-source';
import { YamlManifestParser } from '#adapters/json-schema';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { RegistryClient } from '#adapters/registry-client';
import { ObjectStoreJournal, ObjectStoreLease } from '#adapters/rollout-journal';
import type { Logger } from '#adapters/telemetry';
import { type Contender, Leadership, type LeadershipEvents, Reconciler, type Scheduler } from '#application/rollout';
import type { ControllerConfig } from './config.ts';
import { RegistryCatalogue } from './registry-catalogue.ts';

/** The controller's parts, wired to the outside. */
export interface ControllerParts {
  readonly reconciler: Reconciler;
  readonly fleet: GrpcGatewayFleet;
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
  const parser = new YamlManifestParser();
  const source = new GitManifestSource(
    {
      url: config.gitUrl,
      branch: config.gitBranch,
      path: config.gitPath,
      mirrorDir: join(config.stateDir, 'mirror.git'),
      author: { name: config.authorName, email: config.authorEmail },
    },
    parser,
  );
  const fleet = new GrpcGatewayFleet(scheduler.nowMs());
  const onFailure = (what: string, error: unknown) =>
    logger.warn({ err: error }, `${what} failed; it will be tried again`);
  // The reconciler asks what it may do, and leadership tells it when terms begin and end: hence the late look-up.
  const acting: { leadership?: Leadership } = {};
  const reconciler = new Reconciler({
    source,
    parser,
    fleet,
    catalogue: new RegistryCatalogue(new RegistryClient(config.registryUrl)),
    journal: new ObjectStoreJournal(store),
    scheduler,
    authority: () => acting.leadership?.authority ?? 'none',
    onFenced: (reason) => acting.leadership?.stepDown(reason),
    onFailure,
  });
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
  return { reconciler, fleet, contend };
}

/** Hosts the controller's HTTP interface; its routes stand on Fastify. */
@Module({})
export class ControllerModule {}
