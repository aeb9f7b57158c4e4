import type { Caller } from '#application/access';
import { SERVER } from '#domain/access';
import type * as graphql from '#generated/controller-graphql';
import type { RuntimeInventory } from '#generated/slipway/control/v1/control';

/** What the gateways that are attached told of themselves. */
export type ReportedInventories = () => readonly {
  readonly gatewayId: string;
  readonly inventory: RuntimeInventory;
}[];

/** What each gateway that a controller knows of can run models with. @throws ACCESS_DENIED, UNAUTHENTICATED */
export function listRuntimes(caller: Caller, reported: ReportedInventories): graphql.GatewayRuntimes[] {
  caller.require('settings.read', SERVER);
  return reported().map(({ gatewayId, inventory: { runtimes, targets, devices } }) => ({
    gatewayId,
    runtimes: runtimes.map(({ version, library, problem, ...runtime }) => ({
      ...runtime,
      version: toldText(version),
      library: toldText(library),
      problem: toldText(problem),
    })),
    targets: targets.map(({ target, problem }) => ({ target, problem: toldText(problem) })),
    devices: devices.map(({ memoryBytes, driver, ...device }) => ({
      ...device,
      memoryBytes: memoryBytes === 0n ? null : Number(memoryBytes),
      driver: toldText(driver),
    })),
  }));
}

/** On the wire what is not told is empty. */
function toldText(text: string): string | null {
  return text === '' ? null : text;
}
