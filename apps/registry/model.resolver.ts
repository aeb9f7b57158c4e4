import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ManageModels, type PageRequest, RegisterVersion } from '#application/registry';
import { DomainError } from '#domain/errors';
import { parseAliasName, parseModelName, parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import {
  aliasToWire,
  draftToWire,
  type ModelSource,
  mapOf,
  metadataFromWire,
  modelToWire,
  pageInfoOf,
  type VersionSource,
  variantsFromWire,
  versionToWire,
} from './version.mapper.ts';

/** Queries and mutations, translated to use cases. */
@Resolver()
export class RegistryResolver {
  readonly #models: ManageModels;
  readonly #registration: RegisterVersion;

  constructor(@Inject(ManageModels) models: ManageModels, @Inject(RegisterVersion) registration: RegisterVersion) {
    this.#models = models;
    this.#registration = registration;
  }

  @Query('model')
  async model(@Args() { namespace, name }: wire.QueryModelArgs): Promise<ModelSource | null> {
    const model = await this.#models.model(parseNamespace(namespace), parseModelName(name));
    return model === undefined ? null : modelToWire(model);
  }

  @Query('models')
  async listModels(@Args() args: wire.QueryModelsArgs) {
    const page = await this.#models.models(parseNamespace(args.namespace), pageOf(args));
    return { nodes: page.nodes.map(modelToWire), pageInfo: pageInfoOf(page) };
  }

  @Query('version')
  async version(@Args() args: wire.QueryVersionArgs): Promise<VersionSource | null> {
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    if ((args.version == null) === (args.alias == null)) {
      throw new DomainError('INPUT_INVALID', 'give exactly one of version and alias', { field: 'version' });
    }
    const found =
      args.alias != null
        ? await this.#models.versionByAlias(namespace, model, parseAliasName(args.alias))
        : await this.#models.versionByNumber(namespace, model, args.version ?? 0);
    return found === undefined ? null : versionToWire(found);
  }

  @Mutation('createModel')
  async createModel(@Args('input') input: wire.CreateModelInput): Promise<ModelSource> {
    const model = await this.#models.create({
      namespace: parseNamespace(input.namespace, 'input.namespace'),
      name: parseModelName(input.name, 'input.name'),
      ...(input.description == null ? {} : { description: input.description }),
      labels: mapOf(input.labels, 'input.labels'),
    });
    return modelToWire(model);
  }

  @Mutation('createVersion')
  async createVersion(@Args('input') input: wire.CreateVersionInput) {
    const state = await this.#registration.declare({
      namespace: parseNamespace(input.namespace, 'input.namespace'),
      model: parseModelName(input.model, 'input.model'),
      idempotencyKey: input.idempotencyKey ?? undefined,
      metadata: metadataFromWire(input),
      variants: variantsFromWire(input.variants),
    });
    return draftToWire(state);
  }

  @Mutation('finalizeVersion')
  async finalizeVersion(@Args() args: wire.MutationFinalizeVersionArgs): Promise<VersionSource> {
    const namespace = parseNamespace(args.namespace);
    return versionToWire(
      await this.#registration.finalize(namespace, parseModelName(args.model, 'model'), args.draftId),
    );
  }

  @Mutation('setAlias')
  async setAlias(@Args('input') input: wire.SetAliasInput): Promise<wire.Alias> {
    const target = {
      namespace: parseNamespace(input.namespace, 'input.namespace'),
      model: parseModelName(input.model, 'input.model'),
      version: input.version,
    };
    const name = parseAliasName(input.alias, 'input.alias');
    return aliasToWire(await this.#models.setAlias(target, name, input.expectedVersion ?? undefined));
  }

  @Mutation('deleteAlias')
  async deleteAlias(@Args() args: wire.MutationDeleteAliasArgs): Promise<boolean> {
    const model = parseModelName(args.model, 'model');
    return this.#models.deleteAlias(parseNamespace(args.namespace), model, parseAliasName(args.alias));
  }
}

/** What hangs off a model. */
@Resolver('Model')
export class ModelResolver {
  readonly #models: ManageModels;

  constructor(@Inject(ManageModels) models: ManageModels) {
    this.#models = models;
  }

  @ResolveField('versions')
  async versions(@Parent() model: ModelSource, @Args() args: wire.ModelVersionsArgs) {
    const page = await this.#models.versions(...keyOf(model), pageOf(args));
    return { nodes: page.nodes.map(versionToWire), totalCount: page.totalCount, pageInfo: pageInfoOf(page) };
  }

  @ResolveField('latestVersion')
  async latestVersion(@Parent() model: ModelSource): Promise<VersionSource | null> {
    const version = await this.#models.latestVersion(...keyOf(model));
    return version === undefined ? null : versionToWire(version);
  }

  @ResolveField('aliases')
  async aliases(@Parent() model: ModelSource): Promise<wire.Alias[]> {
    return (await this.#models.aliases(...keyOf(model))).map(aliasToWire);
  }
}

/** What hangs off a version. */
@Resolver('ModelVersion')
export class ModelVersionResolver {
  readonly #models: ManageModels;

  constructor(@Inject(ManageModels) models: ManageModels) {
    this.#models = models;
  }

  @ResolveField('aliases')
  async aliases(@Parent() version: VersionSource): Promise<string[]> {
    const aliases = await this.#models.aliases(...keyOf({ namespace: version.namespace, name: version.model }));
    return aliases.filter((alias) => alias.version === version.version).map((alias) => alias.alias);
  }
}

function keyOf({ namespace, name }: { namespace: string; name: string }) {
  return [parseNamespace(namespace), parseModelName(name)] as const;
}

function pageOf({ first, after }: { first: number; after?: string | null }): PageRequest {
  return { first, after: after ?? undefined };
}
