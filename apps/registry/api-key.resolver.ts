import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { ApiKeyRecord, ManageKeys } from '#application/access';
import { type ActionName, type PrincipalKind, parseActionPattern, SERVER } from '#domain/access';
import { DomainError } from '#domain/errors';
import { parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import { API_KEYS } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';

const MAX_PAGE = 200;

/** Who asks, and the API keys that they make. */
@Resolver()
export class ApiKeyResolver {
  readonly #keys: ManageKeys;

  constructor(@Inject(API_KEYS) keys: ManageKeys) {
    this.#keys = keys;
  }

  @Query('caller')
  caller(@Context() { caller }: RequestContext): wire.Caller {
    const { kind, id, groups, validUntilMs } = caller.principal;
    const validUntil = validUntilMs === undefined ? null : new Date(validUntilMs).toISOString();
    return { kind: kindToWire(kind), name: id, groups: [...groups], validUntil };
  }

  @Query('apiKeys')
  async apiKeys(@Args() { ofEverybody, first, after }: wire.QueryApiKeysArgs, @Context() { caller }: RequestContext) {
    if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) {
      throw new DomainError('INPUT_INVALID', `first must be 1 to ${MAX_PAGE}, not ${first}`, { field: 'first' });
    }
    if (ofEverybody) caller.require('key.administer', SERVER);
    const keys = await this.#keys.list(ofEverybody ? 'everybody' : caller.principal);
    const start = after == null ? 0 : keys.findIndex(({ id }) => id === after) + 1;
    const page = keys.slice(start, start + first);
    return {
      nodes: page.map(keyToWire),
      pageInfo: {
        hasNextPage: start + first < keys.length,
        hasPreviousPage: start > 0,
        startCursor: page[0]?.id ?? null,
        endCursor: page.at(-1)?.id ?? null,
      },
    };
  }

  @Mutation('createApiKey')
  async createApiKey(
    @Args('input') { description, lifetimeDays, actions, namespaces, workload }: wire.CreateApiKeyInput,
    @Context() { caller }: RequestContext,
  ): Promise<wire.NewApiKey> {
    caller.require(workload == null ? 'key.create' : 'key.administer', SERVER);
    const { key, record } = await this.#keys.create(
      {
        description,
        lifetimeDays,
        ...(actions == null ? {} : { actions: actionsFromWire(actions) }),
        ...(namespaces == null
          ? {}
          : { namespaces: namespaces.map((name) => parseNamespace(name, 'input.namespaces')) }),
        ...(workload == null ? {} : { workload }),
      },
      caller.principal,
    );
    return { key, apiKey: keyToWire(record) };
  }

  @Mutation('revokeApiKey')
  async revokeApiKey(
    @Args() { id }: wire.MutationRevokeApiKeyArgs,
    @Context() { caller }: RequestContext,
  ): Promise<wire.ApiKey> {
    const isOfEverybody = caller.may('key.administer', SERVER);
    return keyToWire(await this.#keys.revoke(id, caller.principal, isOfEverybody ? 'everybody' : caller.principal));
  }
}

function actionsFromWire(patterns: readonly string[]): readonly ActionName[] {
  return [...new Set(patterns.flatMap((pattern) => parseActionPattern(pattern, 'input.actions')))];
}

function keyToWire({ id, description, owner, namespaces, ...record }: ApiKeyRecord): wire.ApiKey {
  const { actions, createdAt, createdBy, expiresAt, revokedAt, revokedBy } = record;
  return {
    id,
    description,
    ownerKind: kindToWire(owner.kind),
    owner: owner.id,
    actions: [...actions],
    namespaces: namespaces === undefined ? null : [...namespaces],
    createdAt,
    createdBy,
    expiresAt,
    revokedAt: revokedAt ?? null,
    revokedBy: revokedBy ?? null,
  };
}

function kindToWire(kind: PrincipalKind): wire.CallerKind {
  return kind.toUpperCase() as Uppercase<PrincipalKind>;
}
