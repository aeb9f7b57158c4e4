import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { ChangeAudit } from '#application/access';
import {
  type DirectTransfer,
  objectKeys,
  type PermitGovernance,
  type Registry,
  type Selection,
  type VersionName,
} from '#application/registry';
import { type ActionName, SERVER } from '#domain/access';
import { DomainError } from '#domain/errors';
import { digestHex, parseAliasName, parseDigest, parseModelName, parseNamespace, type Remark } from '#domain/registry';
import type { Signers } from '#domain/signing';
import type * as wire from '#generated/graphql';
import { indexedVersionResource, versionResource } from './access-resources.mapper.ts';
import { type Connection, connectionOf, EMPTY_PAGE, pageRequestOf } from './connection.mapper.ts';
import { orderOf, versionSelectionOf } from './filter.mapper.ts';
import {
  directToWire,
  draftToWire,
  mapOf,
  metadataFromWire,
  signatureFromWire,
  signaturesToWire,
  stageFromWire,
  type VersionSource,
  variantsFromWire,
  versionToWire,
} from './registry.mapper.ts';
import { CHANGE_AUDIT, DIRECT_TRANSFER, REGISTRY, SIGNERS } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';
import { mayDownload, requireModel, requireOwnDraft, requireVersion } from './required-records.ts';
import { visibleVersions } from './visible-selection.ts';

/** A page of versions, and what its total would be counted by: `undefined` where there is nothing to count. */
type VersionPage = Connection<VersionSource> & { readonly selection: Selection | undefined };

/** Versions: found, registered and governed. */
@Resolver('ModelVersion')
export class VersionResolver {
  readonly #registry: Registry;
  readonly #audit: ChangeAudit;
  readonly #signers: Signers;

  constructor(
    @Inject(REGISTRY) registry: Registry,
    @Inject(CHANGE_AUDIT) audit: ChangeAudit,
    @Inject(SIGNERS) signers: Signers,
  ) {
    this.#registry = registry;
    this.#audit = audit;
    this.#signers = signers;
  }

  @Query('version')
  async version(
    @Args() args: wire.QueryVersionArgs,
    @Context() { caller }: RequestContext,
  ): Promise<VersionSource | null> {
    const { lookup, index } = this.#registry;
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    if ((args.version == null) === (args.alias == null)) {
      throw new DomainError('INPUT_INVALID', 'give exactly one of version and alias', { field: 'version' });
    }
    const found =
      args.alias != null
        ? await lookup.versionByAlias(namespace, model, parseAliasName(args.alias))
        : await lookup.version(namespace, model, args.version ?? 0);
    if (found === undefined) return null;
    const resource = indexedVersionResource(found, index.model(namespace, model)?.owner);
    return caller.may('version.read', resource) ? versionToWire(found) : null;
  }

  @Query('versions')
  versions(@Args() args: wire.QueryVersionsArgs, @Context() { caller }: RequestContext): VersionPage {
    const [order, request] = [orderOf(args.orderBy), pageRequestOf(args)];
    const selection = visibleVersions(caller, versionSelectionOf(args), order);
    const page = selection === undefined ? EMPTY_PAGE : this.#registry.index.versions(selection, order, request);
    return { ...connectionOf(page, versionToWire), selection };
  }

  @ResolveField('metrics')
  metrics(@Parent() version: VersionSource, @Context() context: RequestContext) {
    return this.#part(version, context, 'metrics');
  }

  @ResolveField('parameters')
  parameters(@Parent() version: VersionSource, @Context() context: RequestContext) {
    return this.#part(version, context, 'parameters');
  }

  @ResolveField('annotations')
  annotations(@Parent() version: VersionSource, @Context() context: RequestContext) {
    return this.#part(version, context, 'annotations');
  }

  @ResolveField('trainingData')
  trainingData(@Parent() version: VersionSource, @Context() context: RequestContext) {
    return this.#part(version, context, 'trainingData');
  }

  @ResolveField('signatures')
  signatures(@Parent() { indexed }: VersionSource): wire.VersionSignature[] {
    return signaturesToWire(indexed, this.#signers);
  }

  @Mutation('createVersion')
  async createVersion(@Args('input') input: wire.CreateVersionInput, @Context() { caller, actor }: RequestContext) {
    const namespace = parseNamespace(input.namespace, 'input.namespace');
    const model = parseModelName(input.model, 'input.model');
    await requireModel(this.#registry, caller, namespace, model, 'version.create');
    const state = await this.#registry.registration.declare({
      namespace,
      model,
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
  async finalizeVersion(
    @Args() args: wire.MutationFinalizeVersionArgs,
    @Context() { caller, actor }: RequestContext,
  ): Promise<VersionSource> {
    const namespace = parseNamespace(args.namespace);
    const model = parseModelName(args.model, 'model');
    await requireModel(this.#registry, caller, namespace, model, 'version.create');
    await requireOwnDraft(this.#registry, caller, actor, { namespace, model, draftId: args.draftId });
    return this.#present(await this.#registry.registration.finalize({ namespace, model, draftId: args.draftId }));
  }

  @Mutation('requestStage')
  async requestStage(@Args('input') input: wire.RequestStageInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'stage.request');
    await this.#registry.governance.requestStage(name, stageFromWire(input.stage), remarkOf(input, context), permit);
    return this.#present(name);
  }

  @Mutation('decideStage')
  async decideStage(@Args('input') input: wire.DecideStageInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'stage.decide');
    await this.#registry.governance.decideStage(name, input.isApproved, remarkOf(input, context), permit);
    return this.#present(name);
  }

  @Mutation('deprecateVersion')
  async deprecateVersion(@Args('input') input: wire.DeprecateVersionInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'version.deprecate');
    await this.#registry.governance.deprecate(name, input.isDeprecated, remarkOf(input, context), permit);
    return this.#present(name);
  }

  @Mutation('tombstoneVersion')
  async tombstoneVersion(@Args('input') input: wire.VersionRemarkInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'version.withdraw');
    await this.#registry.governance.tombstone(name, remarkOf(input, context), permit);
    return this.#present(name);
  }

  @Mutation('restoreVersion')
  async restoreVersion(@Args('input') input: wire.VersionRemarkInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'version.withdraw');
    await this.#registry.governance.restore(name, remarkOf(input, context), permit);
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
    const permit = await this.#permit(context, name, 'version.annotate');
    await this.#registry.governance.annotate(name, edits, remarkOf({ reason: '' }, context), permit);
    return this.#present(name);
  }

  @Mutation('signVersion')
  async signVersion(@Args('input') input: wire.SignVersionInput, @Context() context: RequestContext) {
    const name = nameOf(input);
    const permit = await this.#permit(context, name, 'version.sign');
    const given = { remark: remarkOf({ reason: '' }, context), signers: this.#signers };
    await this.#registry.governance.sign(name, input.bundle, given, permit);
    return this.#present(name);
  }

  @Mutation('collectGarbage')
  async collectGarbage(@Args() { dryRun }: wire.MutationCollectGarbageArgs, @Context() { caller }: RequestContext) {
    caller.require('garbage.collect', SERVER);
    const { collector } = this.#registry;
    if (dryRun) return collector.collect(true);
    const what = { by: caller.principal, action: 'garbage.collect', detail: 'bytes that nothing refers to' };
    return this.#audit.change(what, () => collector.collect(false));
  }

  /** A part of a version, for those who may see it. */
  #part<Part extends 'metrics' | 'parameters' | 'annotations' | 'trainingData'>(
    version: VersionSource,
    { caller }: RequestContext,
    part: Part,
  ): VersionSource[Part] {
    // Where everybody's versions are seen whole, none is looked at.
    if (caller.filterFor('version.read', [part]).kind === 'all') return version[part];
    const { namespace, model } = version.indexed.version;
    const owner = this.#registry.index.model(namespace, model)?.owner;
    return caller.may('version.read', indexedVersionResource(version.indexed, owner), part) ? version[part] : null;
  }

  /** What lets a change of a version pass. @throws MODEL_VERSION_NOT_FOUND, ACCESS_DENIED, UNAUTHENTICATED when it cannot */
  async #permit({ caller }: RequestContext, name: VersionName, action: ActionName): Promise<PermitGovernance> {
    await requireVersion(this.#registry, caller, name, action);
    const { index } = this.#registry;
    return (version, status) => {
      const owner = index.model(version.namespace, version.model)?.owner;
      caller.require(action, versionResource(version, status, owner));
    };
  }

  /** A version as it is after a change, with what others have changed since. */
  async #present({ namespace, model, version }: VersionName): Promise<VersionSource> {
    return versionToWire(await this.#registry.lookup.requireVersion(namespace, model, version));
  }
}

/** Ways to a file's bytes that do not lead through the registry; a signature is made only for whoever asks. */
@Resolver('ModelFile')
export class ModelFileResolver {
  readonly #registry: Registry;
  readonly #direct: DirectTransfer | null;

  constructor(@Inject(REGISTRY) registry: Registry, @Inject(DIRECT_TRANSFER) direct: DirectTransfer | null) {
    this.#registry = registry;
    this.#direct = direct;
  }

  @ResolveField('directDownload')
  directDownload(@Parent() file: wire.ModelFile, @Context() { caller }: RequestContext): wire.DirectRequest | null {
    const digest = parseDigest(file.digest);
    if (this.#direct === null || !mayDownload(this.#registry, caller, digest)) return null;
    return directToWire(this.#direct.presignGet(objectKeys.blob(digest)));
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
    return selection === undefined ? 0 : this.#registry.index.countVersions(selection);
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
