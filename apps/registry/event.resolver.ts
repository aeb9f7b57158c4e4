import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { Caller } from '#application/access';
import type { Registry } from '#application/registry';
import { deploymentResource } from '#application/rollout';
import {
  type EventAction,
  initialStatus,
  type ModelVersion,
  matchesFilter,
  parseModelName,
  parseNamespace,
  type RegistryEvent,
  versionFieldReader,
} from '#domain/registry';
import type * as wire from '#generated/graphql';
import { connectionOf, pageRequestOf } from './connection.mapper.ts';
import { EventVisibility } from './event-visibility.ts';
import { versionFilterOf } from './filter.mapper.ts';
import { aliasToWire, eventActionFromWire, eventToWire, rolloutToWire, versionToWire } from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';
import { RolloutJournals } from './rollout-journals.ts';
import { subscriberStream } from './subscriber-stream.ts';
import { partsIn } from './visible-selection.ts';

/** What happened, and what happens. */
@Resolver()
export class EventResolver {
  readonly #registry: Registry;
  readonly #rollouts: RolloutJournals;
  readonly #visibility: EventVisibility;

  constructor(@Inject(REGISTRY) registry: Registry, @Inject(RolloutJournals) rollouts: RolloutJournals) {
    this.#registry = registry;
    this.#rollouts = rollouts;
    this.#visibility = new EventVisibility(registry.index);
  }

  @Query('events')
  events(@Args() args: wire.QueryEventsArgs, @Context() { caller }: RequestContext) {
    const visible = this.#visibility.recordsFor(caller);
    const selection = {
      namespace: args.namespace == null ? undefined : parseNamespace(args.namespace),
      model: args.model == null ? undefined : parseModelName(args.model, 'model'),
      version: args.version ?? undefined,
      actions: args.actions?.map(eventActionFromWire),
      ...(visible === undefined ? {} : { visible }),
    };
    return connectionOf(this.#registry.index.events(selection, pageRequestOf(args)), (event) =>
      eventToWire(event, this.#visibility.showsContent(caller, event)),
    );
  }

  @Subscription('events')
  watchEvents(@Args() args: wire.SubscriptionEventsArgs, @Context() { callerNow }: RequestContext) {
    const actions = args.actions == null ? undefined : new Set<EventAction>(args.actions.map(eventActionFromWire));
    const isWanted = placeFilter(args);
    return this.#eventStream(callerNow, (event, caller) => {
      if (!isWanted(event) || actions?.has(event.action) === false) return undefined;
      return { events: eventToWire(event, this.#visibility.showsContent(caller, event)) };
    });
  }

  @Subscription('versionRegistered')
  watchVersions(@Args() args: wire.SubscriptionVersionRegisteredArgs, @Context() { callerNow }: RequestContext) {
    const filter = versionFilterOf(args.filter);
    const isWanted = placeFilter(args);
    const { index } = this.#registry;
    const matches = (version: ModelVersion) => {
      const owner = index.model(version.namespace, version.model)?.owner;
      const surroundings = { aliases: [], owner };
      const status = initialStatus(version, version);
      return filter === undefined || matchesFilter(filter, versionFieldReader(version, status, surroundings));
    };
    const parts = filter === undefined ? [] : partsIn(filter);
    return this.#eventStream(callerNow, (event, caller) => {
      if (event.kind !== 'version' || !isWanted(event) || !matches(event.after)) return undefined;
      if (!this.#visibility.isVisible(caller, event, parts)) return undefined;
      const status = initialStatus(event.after, event.after);
      return { versionRegistered: versionToWire({ version: event.after, status, aliases: [] }) };
    });
  }

  @Subscription('aliasChanged')
  watchAliases(@Args() args: wire.SubscriptionAliasChangedArgs, @Context() { callerNow }: RequestContext) {
    const isWanted = placeFilter(args);
    return this.#eventStream(callerNow, (event) =>
      event.kind === 'alias' && isWanted(event) ? { aliasChanged: aliasToWire(event.after) } : undefined,
    );
  }

  @Subscription('rolloutChanged')
  watchRollouts(
    @Args() { namespace, deployment }: wire.SubscriptionRolloutChangedArgs,
    @Context() { callerNow }: RequestContext,
  ) {
    return subscriberStream<{ rolloutChanged: wire.RolloutStatus }>((tell) =>
      this.#rollouts.watch((entries) => {
        const caller = callerNow();
        const wanted = entries.filter(
          (entry) =>
            (namespace == null || entry.namespace === namespace) &&
            (deployment == null || entry.name === deployment) &&
            caller.may('deployment.read', deploymentResource(entry)),
        );
        tell(wanted.map((entry) => ({ rolloutChanged: rolloutToWire(entry) })));
      }),
    );
  }

  /**
   * What a subscriber gets of the log's events from now on: of those that they may see when it happens, what `choose` makes of it; it
   * answers `undefined` for nothing.
   */
  #eventStream<T>(
    callerNow: () => Caller,
    choose: (event: RegistryEvent, caller: Caller) => T | undefined,
  ): AsyncIterableIterator<T> {
    return subscriberStream<T>((tell) =>
      this.#registry.log.listen((events) => {
        const caller = callerNow();
        const seen = events.filter((event) => this.#visibility.isVisible(caller, event));
        tell(seen.map((event) => choose(event, caller)).filter((value) => value !== undefined));
      }),
    );
  }
}

/** @throws NAME_INVALID */
function placeFilter(args: { namespace?: string | null; model?: string | null }): (event: RegistryEvent) => boolean {
  const namespace = args.namespace == null ? undefined : parseNamespace(args.namespace);
  const model = args.model == null ? undefined : parseModelName(args.model, 'model');
  return ({ kind, after }) => {
    if (namespace !== undefined && after.namespace !== namespace) return false;
    if (model === undefined) return true;
    if (kind === 'model') return after.name === model;
    return 'model' in after && after.model === model;
  };
}
