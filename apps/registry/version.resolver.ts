import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  type DirectTransfer,
  objectKeys,
  type Registry,
  type Selection,
  type VersionName,
} from '#application/registry';
import { DomainError } from '#domain/errors';
import { digestHex, parseAliasName, parseDigest, parseModelName, parseNamespace, type Remark } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { type Connection, connectionOf, pageRequestOf } from './connection.mapper.ts';
import { orderOf, versionSelectionOf } from './filter.mapper.ts';
import {
  directToWire,
  draftToWire,
  mapOf,
  metadataFromWire,
  signatureFromWire,
  stageFromWire,
  variantsFromWire,
  versionToWire,
} from './registry.mapper.ts';
import { DIRECT_TRANSFER, REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-actor.ts';

/** A page of versions, and what its total would be counted by. */
type VersionPage = Connection<wire.ModelVersion> & { readonly selection: Selection };

/** Versions: found, registered and governed. */
@Resolver('ModelVersion')
export class VersionResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @Query('version')
  async version(@Args() args: wire.QueryVersionArgs): Promise<wire.ModelVersion | null> {
    const { lookup } = this.#registry;
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    if ((args.version == null) === (args.alias == null)) {
      throw new DomainError('INPUT_INVALID', 'give exactly one of version and alias', { field: 'version' });
    }
    const found =
      args.alias != null
        ? await lookup.versionByAlias(namespace, model, parseAliasName(args.alias))
        : await lookup.version(namespace, model, args.version ?? 0);
    return found === undefined ? null : versionToWire(found);
  }

  @Query('versions')
  versions(@Args() args: wire.QueryVersionsArgs): VersionPage {
    const selection = versionSelectionOf(args);
    const page = this.#registry.index.versions(selection, orderOf(args.orderBy), pageRequestOf(args));
    return { ...connectionOf(page, versionToWire), selection };
  }

  @Mutation('createVersion')
  async createVersion(@Args('input') input: wire.CreateVersionInput, @Context() { actor }: RequestContext) {
    const state = await this.#registry.registration.declare({
      namespace: parseNamespace(input.namespace, 'input.namespace'),
      model: parseModelName(input.model, 'input.model'),
      actor,
      idempotencyKey: input.idempotencyKey ?? undefined,
      finalizes: input.finalize,
      metadata: metadataFromWire(input),
      variants: variantsFromWire(input.variants),
      ...(input.signature == null ? {} : { signature: signatureFromWire(input.signature) }),
    });
    const { version } = state;
    return { ...draftToWire(state), version: version === undefined ? null : await this.#present(version) };
  }

  @Mutation('finalizeVersion')
  async finalizeVersion(@Args() args: wire.MutationFinalizeVersionArgs): Promise<wire.ModelVersion> {
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    return this.#present(await this.#registry.registration.finalize({ namespace, model, draftId: args.draftId }));
  }

  @Mutation('requestStage')
  async requestStage(@Args('input') input: wire.RequestStageInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    await this.#registry.governance.requestStage(name, stageFromWire(input.stage), remarkOf(input, context));
    return this.#present(name);
  }

  @Mutation('decideStage')
  async decideStage(@Args('input') input: wire.DecideStageInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    await this.#registry.governance.decideStage(name, input.isApproved, remarkOf(input, context));
    return this.#present(name);
  }

  @Mutation('deprecateVersion')
  async deprecateVersion(@Args('input') input: wire.DeprecateVersionInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    await this.#registry.governance.deprecate(name, input.isDeprecated, remarkOf(input, context));
    return this.#present(name);
  }

  @Mutation('tombstoneVersion')
  async tombstoneVersion(@Args('input') input: wire.VersionRemarkInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    await this.#registry.governance.tombstone(name, remarkOf(input, context));
    return this.#present(name);
  }

  @Mutation('restoreVersion')
  async restoreVersion(@Args('input') input: wire.VersionRemarkInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    await this.#registry.governance.restore(name, remarkOf(input, context));
    return this.#present(name);
  }

  @Mutation('annotateVersion')
  async annotateVersion(@Args('input') input: wire.AnnotateVersionInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const annotations = input.annotations.map((annotation) => ({
      name: annotation.name,
      value: annotation.value ?? null,
    }));
    const edits = mapOf(annotations, 'input.annotations');
    await this.#registry.governance.annotate(name, edits, remarkOf({ reason: '' }, context));
    return this.#present(name);
  }

  @Mutation('collectGarbage')
  async collectGarbage(@Args() { dryRun }: wire.MutationCollectGarbageArgs) {
    return this.#registry.collector.collect(dryRun);
  }

  /** A version as it is after a change, with what others have changed since. */
  async #present({ namespace, model, version }: VersionName): Promise<wire.ModelVersion> {
    return versionToWire(await this.#registry.lookup.requireVersion(namespace, model, version));
  }
}

/** Ways to a file's bytes that do not lead through the registry; a signature is made only for whoever asks. */
@Resolver('ModelFile')
export class ModelFileResolver {
  readonly #direct: DirectTransfer | null;

  constructor(@Inject(DIRECT_TRANSFER) direct: DirectTransfer | null) {
    this.#direct = direct;
  }

  @ResolveField('directDownload')
  directDownload(@Parent() { digest }: wire.ModelFile): wire.DirectRequest | null {
    return this.#direct === null ? null : directToWire(this.#direct.presignGet(objectKeys.blob(parseDigest(digest))));
  }
}

/** The same for a file that is still to come. */
@Resolver('DraftFile')
export class DraftFileResolver {
  readonly #direct: DirectTransfer | null;

  constructor(@Inject(DIRECT_TRANSFER) direct: DirectTransfer | null) {
    this.#direct = direct;
  }

  @ResolveField('directUpload')
  directUpload(@Parent() { digest, sizeBytes, isUploaded }: wire.DraftFile): wire.DirectRequest | null {
    if (this.#direct === null || isUploaded || sizeBytes > this.#direct.maxPutBytes) return null;
    const parsed = parseDigest(digest);
    return directToWire(this.#direct.presignPut(objectKeys.blob(parsed), digestHex(parsed)));
  }
}

/** The total of a list of versions, counted only when it is asked for. */
@Resolver('VersionConnection')
export class VersionConnectionResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @ResolveField('totalCount')
  totalCount(@Parent() { selection }: VersionPage): number {
    return this.#registry.index.countVersions(selection);
  }
}

function nameOf(input: { namespace: string; model: string; version: number }): VersionName {
  return {
    namespace: parseNamespace(input.namespace, 'input.namespace'),
    model: parseModelName(input.model, 'input.model'),
    version: input.version,
  };
}

function remarkOf({ reason }: { reason: string }, { actor }: RequestContext): Remark {
  return { by: actor, at: new Date().toISOString(), reason };
}
