import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Caller } from '#application/access';
import type { ModelProperties, PermitChange, Registry, Selection } from '#application/registry';
import { type Model, parseAliasName, parseModelName, parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { indexedVersionResource, modelResource } from './access-resources.mapper.ts';
import { type Connection, connectionOf, EMPTY_PAGE, pageRequestOf } from './connection.mapper.ts';
import { modelSelectionOf, orderOf, versionSelectionOf } from './filter.mapper.ts';
import {
  aliasToWire,
  type ModelSource,
  mapOf,
  modelToWire,
  type VersionSource,
  versionToWire,
} from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';
import { requireModel, requireVersion } from './required-records.ts';
import { visibleModels, visibleVersions } from './visible-selection.ts';

/** A page of models, and what its total would be counted by: `undefined` where there is nothing to count. */
type ModelPage = Connection<ModelSource> & { readonly selection: Selection | undefined };

/** Models, their aliases, and what hangs off them. Every field comes from the index: no query reads the bucket per entry. */
@Resolver('Model')
export class ModelResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @Query('model')
  async model(
    @Args() { namespace, name }: wire.QueryModelArgs,
    @Context() { caller }: RequestContext,
  ): Promise<ModelSource | null> {
    const model = await this.#registry.lookup.model(parseNamespace(namespace), parseModelName(name));
    return model !== undefined && caller.may('model.read', modelResource(model)) ? modelToWire(model) : null;
  }

  @Query('models')
  models(@Args() args: wire.QueryModelsArgs, @Context() { caller }: RequestContext): ModelPage {
    const selection = visibleModels(caller, modelSelectionOf(args));
    const [order, request] = [orderOf(args.orderBy), pageRequestOf(args)];
    const page = selection === undefined ? EMPTY_PAGE : this.#registry.index.models(selection, order, request);
    return { ...connectionOf(page, modelToWire), selection };
  }

  @Mutation('createModel')
  async createModel(@Args('input') input: wire.CreateModelInput, @Context() context: RequestContext) {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const name = parseModelName(input.name, 'input.name');
    const properties = { ...textsOf(input), labels: mapOf(input.labels, 'input.labels') };
    const { caller, actor } = context;
    caller.require('model.create', modelResource({ namespace, name, ...properties }));
    return modelToWire(await this.#registry.models.create(namespace, name, properties, { actor }));
  }

  @Mutation('updateModel')
  async updateModel(@Args('input') input: wire.UpdateModelInput, @Context() { caller, actor }: RequestContext) {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const name = parseModelName(input.name, 'input.name');
    const labels = input.labels == null ? {} : { labels: mapOf(input.labels, 'input.labels') };
    const change = { ...textsOf(input), ...labels };
    const by = { actor, expectedRevision: input.expectedRevision ?? undefined, permit: permitUpdate(caller, change) };
    await requireModel(this.#registry, caller, namespace, name);
    return modelToWire(await this.#registry.models.update(namespace, name, change, by));
  }

  @Mutation('setAlias')
  async setAlias(
    @Args('input') input: wire.SetAliasInput,
    @Context() { caller, actor }: RequestContext,
  ): Promise<wire.Alias> {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const model = parseModelName(input.model, 'input.model');
    const alias = parseAliasName(input.alias, 'input.alias');
    await requireVersion(this.#registry, caller, { namespace, model, version: input.version }, 'alias.set');
    const set = await this.#registry.models.setAlias({
      namespace,
      model,
      alias,
      version: input.version,
      expected: input.expectedVersion ?? undefined,
      actor,
    });
    return aliasToWire(set);
  }

  @Mutation('deleteAlias')
  async deleteAlias(@Args() args: wire.MutationDeleteAliasArgs, @Context() { caller, actor }: RequestContext) {
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    await requireModel(this.#registry, caller, namespace, model, 'alias.delete');
    return this.#registry.models.deleteAlias(namespace, model, parseAliasName(args.alias), actor);
  }

  @ResolveField('versions')
  versions(@Parent() model: ModelSource, @Args() args: wire.ModelVersionsArgs, @Context() { caller }: RequestContext) {
    const order = orderOf(args.orderBy);
    const wanted = versionSelectionOf({ ...args, namespace: model.namespace, model: model.name });
    const selection = visibleVersions(caller, wanted, order);
    const request = pageRequestOf(args);
    const page = selection === undefined ? EMPTY_PAGE : this.#registry.index.versions(selection, order, request);
    return { ...connectionOf(page, versionToWire), selection };
  }

  @ResolveField('latestVersion')
  latestVersion(@Parent() model: ModelSource, @Context() { caller }: RequestContext): VersionSource | null {
    const { index } = this.#registry;
    const found = index.version(...keyOf(model), index.latestNumber(...keyOf(model)));
    if (found === undefined) return null;
    const isVisible = caller.may('version.read', indexedVersionResource(found, model.owner ?? undefined));
    return isVisible ? versionToWire(found) : null;
  }

  @ResolveField('aliases')
  aliases(@Parent() model: ModelSource): wire.Alias[] {
    return this.#registry.index.aliases(...keyOf(model)).map(aliasToWire);
  }
}

/** The total of a list of models, counted only when it is asked for. */
@Resolver('ModelConnection')
export class ModelConnectionResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @ResolveField('totalCount')
  totalCount(@Parent() { selection }: ModelPage): number {
    return selection === undefined ? 0 : this.#registry.index.countModels(selection);
  }
}

function keyOf({ namespace, name }: ModelSource) {
  return [parseNamespace(namespace), parseModelName(name)] as const;
}

function textsOf({
  description,
  owner,
  card,
}: wire.UpdateModelInput | wire.CreateModelInput): Omit<ModelProperties, 'labels'> {
  return {
    ...(description == null ? {} : { description }),
    ...(owner == null ? {} : { owner }),
    ...(card == null ? {} : { card }),
  };
}

/** A model may be changed in the fields that are given, as it is and as it would be. */
function permitUpdate(caller: Caller, change: Partial<ModelProperties>): PermitChange<Model> {
  return (before, after) => {
    caller.requireChange('model.update', modelResource(before ?? after), modelResource(after), Object.keys(change));
  };
}
