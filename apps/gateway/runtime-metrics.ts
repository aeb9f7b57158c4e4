import { Gauge, type Registry } from 'prom-client';
import type { RuntimeInventory } from '#application/serving';

/** Adds what a gateway can run models with, which does not change while it runs. */
export function addRuntimeMetrics(registry: Registry, { runtimes, targets, devices }: RuntimeInventory): void {
  const registers = [registry];
  const runtime = new Gauge({
    name: 'slipway_runtime_info',
    help: 'The runtimes that models run in, with the version of their ONNX Runtime, or of the plugin; always 1.',
    labelNames: ['runtime', 'version'],
    registers,
  });
  for (const { name, isUsed, version } of runtimes)
    if (isUsed) runtime.set({ runtime: name, version: version ?? '' }, 1);
  const target = new Gauge({
    name: 'slipway_runtime_target_usable',
    help: 'Whether variants for a hardware target can be run (1) or the runtime knows of it and lacks what it needs (0).',
    labelNames: ['target'],
    registers,
  });
  for (const { target: name, problem } of targets) target.set({ target: name }, problem === undefined ? 1 : 0);
  const device = new Gauge({
    name: 'slipway_device_info',
    help: 'The devices that models can run on; always 1.',
    labelNames: ['device', 'target', 'kind', 'name', 'driver'],
    registers,
  });
  const memory = new Gauge({
    name: 'slipway_device_memory_bytes',
    help: 'Memory of the devices that tell it.',
    labelNames: ['device', 'target'],
    registers,
  });
  for (const [index, { target: name, kind, name: model, driver, memoryBytes }] of devices.entries()) {
    device.set({ device: index, target: name, kind, name: model, driver: driver ?? '' }, 1);
    if (memoryBytes !== undefined) memory.set({ device: index, target: name }, memoryBytes);
  }
}
