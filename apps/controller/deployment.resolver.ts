import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { RolloutCommand } from '#domain/rollout';
import type * as args from '#generated/controller-graphql';
import type { DeploymentEvent, DeploymentStatus } from '#generated/deployment-status';
import { pageOf } from './deployment-page.ts';
import { newestValues } from './newest-values.ts';
import { toStatus } from './status.mapper.ts';
import { type DeploymentSources, WATCH_INTERVAL_MS, watchDeployment } from './watch-deployment.ts';

/** Under which the parts are injected that states are made from: they are plain objects without a class of their own. */
export const DEPLOYMENT_SOURCES = Symbol('DeploymentSources');

/** Deployments: the same content as by REST and in the event streams. */
@Resolver('DeploymentStatus')
export class DeploymentResolver {
  readonly #sources: DeploymentSources;

  constructor(@Inject(DEPLOYMENT_SOURCES) sources: DeploymentSources) {
    this.#sources = sources;
  }

  @Query('deployment')
  deployment(@Args() { namespace, name }: args.QueryDeploymentArgs): DeploymentStatus | null {
    const { reconciler, fleet } = this.#sources;
    const found = reconciler.deployments.find(({ entry }) => entry.namespace === namespace && entry.name === name);
    return found === undefined ? null : toStatus(found, fleet);
  }

  @Query('deployments')
  deployments(@Args() { namespace, first, after }: args.QueryDeploymentsArgs) {
    const { reconciler, fleet } = this.#sources;
    const wanted = reconciler.deployments.filter(({ entry }) => namespace == null || entry.namespace === namespace);
    return pageOf(wanted, { first, after: after ?? undefined }, (deployment) => toStatus(deployment, fleet));
  }

  @Mutation('promote')
  promote(@Args() { namespace, name, full }: args.MutationPromoteArgs): Promise<DeploymentStatus> {
    return this.#command(namespace, name, full ? 'promoteFully' : 'promote');
  }

  @Mutation('skip')
  skip(@Args() { namespace, name }: args.MutationSkipArgs): Promise<DeploymentStatus> {
    return this.#command(namespace, name, 'skip');
  }

  @Mutation('abort')
  abort(@Args() { namespace, name }: args.MutationAbortArgs): Promise<DeploymentStatus> {
    return this.#command(namespace, name, 'abort');
  }

  @Mutation('retry')
  retry(@Args() { namespace, name }: args.MutationRetryArgs): Promise<DeploymentStatus> {
    return this.#command(namespace, name, 'retry');
  }

  @Subscription('deploymentChanged')
  watch(@Args() { namespace, name }: args.SubscriptionDeploymentChangedArgs) {
    return newestValues<{ deploymentChanged: DeploymentStatus }>(
      (tell) =>
        watchDeployment({ namespace, name }, this.#sources, {
          isReady: () => true,
          tell: (deploymentChanged) => tell({ deploymentChanged }),
        }),
      WATCH_INTERVAL_MS,
    );
  }

  @ResolveField('events')
  events(@Parent() { events }: DeploymentStatus, @Args('last') last: number | null | undefined): DeploymentEvent[] {
    return last == null ? events : events.slice(Math.max(0, events.length - Math.max(0, last)));
  }

  async #command(namespace: string, name: string, command: RolloutCommand): Promise<DeploymentStatus> {
    const { reconciler, fleet } = this.#sources;
    const deployment = reconciler.command(namespace, name, command);
    await reconciler.recorded(deployment);
    return toStatus(deployment, fleet);
  }
}
