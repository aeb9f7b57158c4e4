import { Inject } from '@nestjs/common';
import { Args, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { Registry } from '#application/registry';
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
import { versionFilterOf } from './filter.mapper.ts';
import { aliasToWire, eventActionFromWire, eventToWire, rolloutToWire, versionToWire } from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import { RolloutJournals } from './rollout-journals.ts';
import { subscriberStream } from './subscriber-stream.ts';

/** What happened, and what happens. */
@Resolver()
export class EventResolver {
  readonly #registry: Registry;
  readonly #rollouts: RolloutJournals;

  constructor(@Inject(REGISTRY) registry: Registry, @Inject(RolloutJournals) rollouts: RolloutJournals) {
    this.#registry = registry;
    this.#rollouts = rollouts;
  }

  @Query('events')
  events(@Args() args: wire.QueryEventsArgs) {
    const selection = {
      namespace: args.namespace == null ? undefined : parseNamespace(args.namespace),
      model: args.model == null ? undefined : parseModelName(args.model, 'model'),
      version: args.version ?? undefined,
      actions: args.actions?.map(eventActionFromWire),
    };
    return connectionOf(this.#registry.index.events(selection, pageRequestOf(args)), eventToWire);
  }

  @Subscription('events')
  watchEvents(@Args() args: wire.SubscriptionEventsArgs) {
    const actions = args.actions == null ? undefined : new Set<EventAction>(args.actions.map(eventActionFromWire));
    const isWanted = placeFilter(args);
    return this.#eventStream((event) =>
      isWanted(event) && actions?.has(event.action) !== false ? { events: eventToWire(event) } : undefined,
    );
  }

  @Subscription('versionRegistered')
  watchVersions(@Args() args: wire.SubscriptionVersionRegisteredArgs) {
    const filter = versionFilterOf(args.filter);
    const isWanted = placeFilter(args);
    const { index } = this.#registry;
    const matches = (version: ModelVersion) => {
      const owner = index.model(version.namespace, version.model)?.owner;
      const surroundings = { aliases: [], owner };
      const status = initialStatus(version, version);
      return filter === undefined || matchesFilter(filter, versionFieldReader(version, status, surroundings));
    };
    return this.#eventStream((event) => {
      if (event.kind !== 'version' || !isWanted(event) || !matches(event.after)) return undefined;
      const status = initialStatus(event.after, event.after);
      return { versionRegistered: versionToWire({ version: event.after, status, aliases: [] }) };
    });
  }

  @Subscription('aliasChanged')
  watchAliases(@Args() args: wire.SubscriptionAliasChangedArgs) {
    const isWanted = placeFilter(args);
    return this.#eventStream((event) =>
      event.kind === 'alias' && isWanted(event) ? { aliasChanged: aliasToWire(event.after) } : undefined,
    );
  }

  @Subscription('rolloutChanged')
  watchRollouts(@Args() { namespace, deployment }: wire.SubscriptionRolloutChangedArgs) {
    return subscriberStream<{ rolloutChanged: wire.RolloutStatus }>((tell) =>
      this.#rollouts.watch((entries) => {
        const wanted = entries.filter(
          (entry) =>
            (namespace == null || entry.namespace === namespace) && (deployment == null || entry.name === deployment),
        );
        tell(wanted.map((entry) => ({ rolloutChanged: rolloutToWire(entry) })));
      }),
    );
  }

  /** What a subscriber gets of the log's events from now on; `choose` answers `undefined` for nothing. */
  #eventStream<T>(choose: (event: RegistryEvent) => T | undefined): AsyncIterableIterator<T> {
    return subscriberStream<T>((tell) =>
      this.#registry.log.listen((events) => tell(events.map(choose).filter((value) => value !== undefined))),
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
