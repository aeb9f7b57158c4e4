import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { Subscriber } from '#adapters/http-access';
import type { RolloutCommand } from '#domain/rollout';
import type * as args from '#generated/controller-graphql';
import type { DeploymentEvent, DeploymentStatus } from '#generated/deployment-status';
import { pageOf } from './deployment-page.ts';
import { newestValues } from './newest-values.ts';
import { commandAs, type DeploymentPlace, isVisible, visibleDeployments } from './required-deployment.ts';
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
  deployment(
    @Args() { namespace, name }: args.QueryDeploymentArgs,
    @Context() { caller }: Subscriber,
  ): DeploymentStatus | null {
    const { reconciler, fleet } = this.#sources;
    const found = reconciler.deployments.find(({ entry }) => entry.namespace === namespace && entry.name === name);
    return found === undefined || !isVisible(caller, found) ? null : toStatus(found, fleet);
  }

  @Query('deployments')
  deployments(@Args() { namespace, first, after }: args.QueryDeploymentsArgs, @Context() { caller }: Subscriber) {
    const { reconciler, fleet } = this.#sources;
    const visible = visibleDeployments(caller, reconciler);
    const wanted = visible.filter(({ entry }) => namespace == null || entry.namespace === namespace);
    return pageOf(wanted, { first, after: after ?? undefined }, (deployment) => toStatus(deployment, fleet));
  }

  @Mutation('promote')
  promote(
    @Args() { full, ...place }: args.MutationPromoteArgs,
    @Context() context: Subscriber,
  ): Promise<DeploymentStatus> {
    return this.#command(context, place, full ? 'promoteFully' : 'promote');
  }

  @Mutation('skip')
  skip(@Args() place: args.MutationSkipArgs, @Context() context: Subscriber): Promise<DeploymentStatus> {
    return this.#command(context, place, 'skip');
  }

  @Mutation('abort')
  abort(@Args() place: args.MutationAbortArgs, @Context() context: Subscriber): Promise<DeploymentStatus> {
    return this.#command(context, place, 'abort');
  }

  @Mutation('retry')
  retry(@Args() place: args.MutationRetryArgs, @Context() context: Subscriber): Promise<DeploymentStatus> {
    return this.#command(context, place, 'retry');
  }

  @Subscription('deploymentChanged')
  watch(@Args() { namespace, name }: args.SubscriptionDeploymentChangedArgs, @Context() { callerNow }: Subscriber) {
    return newestValues<{ deploymentChanged: DeploymentStatus }>(
      (tell) =>
        watchDeployment({ namespace, name }, this.#sources, {
          isReady: () => true,
          maySee: (deployment) => isVisible(callerNow(), deployment),
          tell: (deploymentChanged) => tell({ deploymentChanged }),
        }),
      WATCH_INTERVAL_MS,
    );
  }

  @ResolveField('events')
  events(@Parent() { events }: DeploymentStatus, @Args('last') last: number | null | undefined): DeploymentEvent[] {
    return last == null ? events : events.slice(Math.max(0, events.length - Math.max(0, last)));
  }

  async #command(
    { caller }: Subscriber,
    { namespace, name }: DeploymentPlace,
    command: RolloutCommand,
  ): Promise<DeploymentStatus> {
    const { reconciler, fleet } = this.#sources;
    return toStatus(await commandAs(caller, reconciler, { namespace, name }, command), fleet);
  }
}
