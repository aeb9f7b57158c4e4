import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { answerInWords, type Caller, ExplainAccess, readActionOf } from '#application/access';
import type { Registry } from '#application/registry';
import {
  type ActionName,
  type Principal,
  parseAction,
  parseActionField,
  parseResource,
  principalInWords,
  type Resource,
  resourceInWords,
  resourceKindOf,
  SERVER,
} from '#domain/access';
import { DomainError } from '#domain/errors';
import { parseNamespace } from '#domain/registry';
import type * as wire from '#generated/graphql';
import type { DryRun } from './access.module.ts';
import {
  answerToWire,
  changeToWire,
  circumstancesFromWire,
  permissionToWire,
  principalFromWire,
} from './access-question.mapper.ts';
import { NamedResources } from './named-resources.ts';
import { DRY_RUN, REGISTRY } from './registry-token.ts';
import type { RequestContext } from './request-context.ts';
import { RolloutJournals } from './rollout-journals.ts';

const MAX_CHANGES = 200;

/** Questions about who may do what, now and by other policies. Nothing is done, and nothing is told of what the caller may not see. */
@Resolver()
export class AccessResolver {
  readonly #explain: ExplainAccess;
  readonly #resources: NamedResources;
  readonly #dryRun: DryRun;

  constructor(
    @Inject(ExplainAccess) explain: ExplainAccess,
    @Inject(REGISTRY) registry: Registry,
    @Inject(RolloutJournals) rollouts: RolloutJournals,
    @Inject(DRY_RUN) dryRun: DryRun,
  ) {
    this.#explain = explain;
    this.#resources = new NamedResources(registry, rollouts);
    this.#dryRun = dryRun;
  }

  @Query('access')
  async access(
    @Args('input') input: wire.AccessQuestionInput,
    @Context() { caller }: RequestContext,
  ): Promise<wire.AccessAnswer> {
    const isAboutOthers = input.principal != null || input.at != null || input.address != null;
    if (isAboutOthers) caller.require('policy.read', SERVER);
    // What is asked is not done: nobody is to read of it as of something that was.
    const asking = caller.unrecorded();
    const action = parseAction(input.action, 'input.action');
    const field = input.field == null ? {} : { field: parseActionField(action, input.field, 'input.field') };
    const resource = await this.#resourceOf(input, action, asking);
    const principal = whoOf(input.principal, caller, 'input.principal');
    const { nowMs, address } = caller.circumstances;
    const own = { nowMs, address: input.principal == null ? address : undefined };
    const question = { principal, action, resource, ...field, circumstances: circumstancesFromWire(input, own) };
    const answer = this.#explain.answer(question, asking.may('policy.read', SERVER));
    return answerToWire(answer, {
      principal: principalInWords(principal),
      resource: resourceInWords(resource),
      reason: answerInWords(question, answer),
    });
  }

  @Query('permissions')
  permissions(
    @Args() { principal, namespace }: wire.QueryPermissionsArgs,
    @Context() { caller }: RequestContext,
  ): wire.Permission[] {
    if (principal != null) caller.require('policy.read', SERVER);
    const who = whoOf(principal, caller, 'principal');
    const { nowMs, address } = caller.circumstances;
    const circumstances = { nowMs, address: principal == null ? address : undefined };
    const within = namespace == null ? undefined : parseNamespace(namespace);
    return this.#explain.permissions(who, circumstances, within).map(permissionToWire);
  }

  @Query('dryRunPolicies')
  async dryRunPolicies(
    @Args() { files, keepOthers }: wire.QueryDryRunPoliciesArgs,
    @Context() { caller }: RequestContext,
  ): Promise<wire.PolicyDryRun> {
    caller.require('policy.read', SERVER);
    const asking = caller.unrecorded();
    const result = await this.#dryRun(files, keepOthers, (resource) => isVisible(asking, resource));
    const nothing = { changes: [], totalChanges: 0, hiddenChanges: 0, compared: 0, since: null };
    if (result.kind === 'refused') return { ...nothing, problems: [...result.problems] };
    const { changes, hidden, compared, sinceMs } = result;
    return {
      problems: [],
      changes: changes.slice(0, MAX_CHANGES).map(changeToWire),
      totalChanges: changes.length + hidden,
      hiddenChanges: hidden,
      compared,
      since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
    };
  }

  async #resourceOf(
    { resource, attributes }: wire.AccessQuestionInput,
    action: ActionName,
    caller: Caller,
  ): Promise<Resource> {
    if (resource != null && attributes != null) {
      throw new DomainError('INPUT_INVALID', 'give one of resource and attributes', { field: 'input.resource' });
    }
    if (resource != null) return this.#resources.find(action, resource, caller);
    const kind = resourceKindOf(action);
    if (attributes == null && kind !== 'server') {
      const message = `${action} is done to a ${kind}: name one as resource, or say what it would be like as attributes`;
      throw new DomainError('INPUT_INVALID', message, { field: 'input.resource' });
    }
    return parseResource(action, attributes ?? [], 'input.attributes');
  }
}

function whoOf(input: wire.PrincipalInput | null | undefined, { principal }: Caller, field: string): Principal {
  return input == null ? principal : principalFromWire(input, field);
}

function isVisible(caller: Caller, resource: Resource): boolean {
  const action = readActionOf(resource);
  return action === undefined || caller.may(action, resource);
}
