import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { ModelProperties, Registry, Selection } from '#application/registry';
import { parseAliasName, parseModelName, parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { type Connection, connectionOf, pageRequestOf } from './connection.mapper.ts';
import { modelSelectionOf, orderOf, versionSelectionOf } from './filter.mapper.ts';
import { aliasToWire, type ModelSource, mapOf, modelToWire, versionToWire } from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-actor.ts';

/** A page of models, and what its total would be counted by. */
type ModelPage = Connection<ModelSource> & { readonly selection: Selection };

/** Models, their aliases, and what hangs off them. Every field comes from the index: no query reads the bucket per entry. */
@Resolver('Model')
export class ModelResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @Query('model')
  async model(@Args() { namespace, name }: wire.QueryModelArgs): Promise<ModelSource | null> {
    const model = await this.#registry.lookup.model(parseNamespace(namespace), parseModelName(name));
    return model === undefined ? null : modelToWire(model);
  }

  @Query('models')
  models(@Args() args: wire.QueryModelsArgs): ModelPage {
    const selection = modelSelectionOf(args);
    const page = this.#registry.index.models(selection, orderOf(args.orderBy), pageRequestOf(args));
    return { ...connectionOf(page, modelToWire), selection };
  }

  @Mutation('createModel')
  async createModel(@Args('input') input: wire.CreateModelInput, @Context() { actor }: RequestContext) {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const name = parseModelName(input.name, 'input.name');
    const properties = { ...textsOf(input), labels: mapOf(input.labels, 'input.labels') };
    return modelToWire(await this.#registry.models.create(namespace, name, properties, actor));
  }

  @Mutation('updateModel')
  async updateModel(@Args('input') input: wire.UpdateModelInput, @Context() { actor }: RequestContext) {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const name = parseModelName(input.name, 'input.name');
    const labels = input.labels == null ? {} : { labels: mapOf(input.labels, 'input.labels') };
    const change = { ...textsOf(input), ...labels };
    return modelToWire(
      await this.#registry.models.update(namespace, name, change, input.expectedRevision ?? undefined, actor),
    );
  }

  @Mutation('setAlias')
  async setAlias(@Args('input') input: wire.SetAliasInput, @Context() { actor }: RequestContext): Promise<wire.Alias> {
    const alias = await this.#registry.models.setAlias({
      namespace: parseNamespace(input.namespace, 'input.namespace'),
      model: parseModelName(input.model, 'input.model'),
      alias: parseAliasName(input.alias, 'input.alias'),
      version: input.version,
      expected: input.expectedVersion ?? undefined,
      actor,
    });
    return aliasToWire(alias);
  }

  @Mutation('deleteAlias')
  async deleteAlias(@Args() args: wire.MutationDeleteAliasArgs, @Context() { actor }: RequestContext) {
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    return this.#registry.models.deleteAlias(namespace, model, parseAliasName(args.alias), actor);
  }

  @ResolveField('versions')
  versions(@Parent() model: ModelSource, @Args() args: wire.ModelVersionsArgs) {
    const selection = versionSelectionOf({ ...args, namespace: model.namespace, model: model.name });
    const page = this.#registry.index.versions(selection, orderOf(args.orderBy), pageRequestOf(args));
    return { ...connectionOf(page, versionToWire), selection };
  }

  @ResolveField('latestVersion')
  latestVersion(@Parent() model: ModelSource): wire.ModelVersion | null {
    const { index } = this.#registry;
    const found = index.version(...keyOf(model), index.latestNumber(...keyOf(model)));
    return found === undefined ? null : versionToWire(found);
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
    return this.#registry.index.countModels(selection);
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
