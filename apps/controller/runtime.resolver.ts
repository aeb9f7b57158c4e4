import { Inject } from '@nestjs/common';
import { Context, Query, Resolver } from '@nestjs/graphql';
import type { Subscriber } from '#adapters/http-access';
import type { GatewayRuntimes } from '#generated/controller-graphql';
import { listRuntimes, type ReportedInventories } from './runtime-list.ts';

/** Under which {@link ReportedInventories} are injected. */
export const REPORTED_INVENTORIES = Symbol('ReportedInventories');

/** What gateways can run models with. */
@Resolver('GatewayRuntimes')
export class RuntimeResolver {
  readonly #reported: ReportedInventories;

  constructor(@Inject(REPORTED_INVENTORIES) reported: ReportedInventories) {
    this.#reported = reported;
  }

  @Query('runtimes')
  runtimes(@Context() { caller }: Subscriber): GatewayRuntimes[] {
    return listRuntimes(caller, this.#reported);
  }
}
