import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { NamespaceProperties, Registry } from '#application/registry';
import { parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { connectionOf, pageRequestOf } from './connection.mapper.ts';
import { mapOf, namespaceToWire, stageFromWire } from './registry.mapper.ts';
import { REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-actor.ts';

/** Namespaces. */
@Resolver('Namespace')
export class NamespaceResolver {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  @Query('namespace')
  namespace(@Args() { name }: wire.QueryNamespaceArgs): wire.Namespace | null {
    const found = this.#registry.index.namespace(parseNamespace(name, 'name'));
    return found === undefined ? null : namespaceToWire(found);
  }

  @Query('namespaces')
  namespaces(@Args() args: wire.QueryNamespacesArgs) {
    return connectionOf(this.#registry.index.namespaces(pageRequestOf(args)), namespaceToWire);
  }

  @Mutation('createNamespace')
  async createNamespace(@Args('input') input: wire.CreateNamespaceInput, @Context() { actor }: RequestContext) {
    const { description, owner } = input;
    const properties: NamespaceProperties = {
      ...(description == null ? {} : { description }),
      ...(owner == null ? {} : { owner }),
      labels: mapOf(input.labels, 'input.labels'),
      approvalStages: input.approvalStages.map(stageFromWire),
    };
    const namespace = parseNamespace(input.name, 'input.name');
    return namespaceToWire(await this.#registry.namespaces.create(namespace, properties, actor));
  }

  @Mutation('updateNamespace')
  async updateNamespace(@Args('input') input: wire.UpdateNamespaceInput, @Context() { actor }: RequestContext) {
    const { description, owner, labels, approvalStages, expectedRevision } = input;
    const change: Partial<NamespaceProperties> = {
      ...(description == null ? {} : { description }),
      ...(owner == null ? {} : { owner }),
      ...(labels == null ? {} : { labels: mapOf(labels, 'input.labels') }),
      ...(approvalStages == null ? {} : { approvalStages: approvalStages.map(stageFromWire) }),
    };
    const namespace = parseNamespace(input.name, 'input.name');
    const record = await this.#registry.namespaces.update(namespace, change, expectedRevision ?? undefined, actor);
    return namespaceToWire(record);
  }
}
