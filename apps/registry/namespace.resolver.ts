import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { NamespaceProperties, PermitChange, Registry } from '#application/registry';
import { DomainError } from '#domain/errors';
import { type NamespaceRecord, parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { namespaceResource } from './access-resources.mapper.ts';
import { connectionOf, pageRequestOf } from './connection.mapper.ts';
import { mapOf, namespaceToWire, stageFromWire } from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';

/** Namespaces. */
@Resolver('Namespace')
export class NamespaceResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @Query('namespace')
  namespace(@Args() { name }: wire.QueryNamespaceArgs, @Context() { caller }: RequestContext): wire.Namespace | null {
    const found = this.#registry.index.namespace(parseNamespace(name, 'name'));
    return found !== undefined && caller.may('namespace.read', namespaceResource(found))
      ? namespaceToWire(found)
      : null;
  }

  @Query('namespaces')
  namespaces(@Args() args: wire.QueryNamespacesArgs, @Context() { caller }: RequestContext) {
    const isVisible = (record: NamespaceRecord) => caller.may('namespace.read', namespaceResource(record));
    return connectionOf(this.#registry.index.namespaces(pageRequestOf(args), isVisible), namespaceToWire);
  }

  @Mutation('createNamespace')
  async createNamespace(@Args('input') input: wire.CreateNamespaceInput, @Context() { caller, actor }: RequestContext) {
    const { description, owner } = input;
    const properties: NamespaceProperties = {
      ...(description == null ? {} : { description }),
      ...(owner == null ? {} : { owner }),
      labels: mapOf(input.labels, 'input.labels'),
      approvalStages: input.approvalStages.map(stageFromWire),
    };
    const namespace = parseNamespace(input.name, 'input.name');
    caller.require('namespace.create', namespaceResource({ namespace, ...properties }));
    return namespaceToWire(await this.#registry.namespaces.create(namespace, properties, { actor }));
  }

  @Mutation('updateNamespace')
  async updateNamespace(@Args('input') input: wire.UpdateNamespaceInput, @Context() { caller, actor }: RequestContext) {
    const { description, owner, labels, approvalStages, expectedRevision } = input;
    const change: Partial<NamespaceProperties> = {
      ...(description == null ? {} : { description }),
      ...(owner == null ? {} : { owner }),
      ...(labels == null ? {} : { labels: mapOf(labels, 'input.labels') }),
      ...(approvalStages == null ? {} : { approvalStages: approvalStages.map(stageFromWire) }),
    };
    const namespace = parseNamespace(input.name, 'input.name');
    const present = this.#registry.index.namespace(namespace);
    if (present !== undefined && !caller.may('namespace.read', namespaceResource(present)))
      throw noNamespace(namespace);
    const permit: PermitChange<NamespaceRecord> = (before, after) => {
      const [is, would] = [namespaceResource(before ?? after), namespaceResource(after)];
      caller.requireChange('namespace.update', is, would, Object.keys(change));
    };
    const by = { actor, expectedRevision: expectedRevision ?? undefined, permit };
    return namespaceToWire(await this.#registry.namespaces.update(namespace, change, by));
  }
}

function noNamespace(namespace: string): DomainError {
  return new DomainError('NAMESPACE_NOT_FOUND', `there is no namespace ${namespace}: create it first`);
}
