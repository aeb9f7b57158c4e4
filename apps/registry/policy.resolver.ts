import { Inject } from '@nestjs/common';
import { Context, Query, Resolver } from '@nestjs/graphql';
import { PoliciesInForce } from '#application/access';
import { SERVER } from '#domain/access';
import type * as wire from '#generated/graphql';
import type { RequestContext } from './request-context.ts';

/** What decides over access. */
@Resolver()
export class PolicyResolver {
  readonly #policies: PoliciesInForce;

  constructor(@Inject(PoliciesInForce) policies: PoliciesInForce) {
    this.#policies = policies;
  }

  @Query('policyStatus')
  policyStatus(@Context() { caller }: RequestContext): wire.PolicyStatus {
    caller.require('policy.read', SERVER);
    const { inForce, refused } = this.#policies.status;
    return { inForce: inForce ?? null, refused: refused?.revision ?? null, problems: [...(refused?.problems ?? [])] };
  }
}
