import type { RuntimeInventory } from '#application/serving';
import type { RuntimeInventory as WireInventory } from '#generated/slipway/control/v1/control';

/** What a gateway can run models with, as the controller is told. */
export function toWireInventory({ runtimes, targets, devices }: RuntimeInventory): WireInventory {
  return {
    runtimes: runtimes.map(({ version = '', library = '', problem = '', serves = [], ...runtime }) => ({
      ...runtime,
      version,
      library,
      problem,
      serves: [...serves],
    })),
    targets: targets.map(({ target, problem = '' }) => ({ target, problem })),
    devices: devices.map(({ memoryBytes = 0, driver = '', ...device }) => ({
      ...device,
      memoryBytes: BigInt(memoryBytes),
      driver,
    })),
  };
}
