import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '#adapters/config';
import { describeRunnerRuntime, type RunnerProgram } from '#adapters/runner-client';
import {
  type AscendDescription,
  bundledLibrary,
  bundledVersion,
  isAddonBuilt,
  type NativeRuntimeDescription,
  NOT_BUILT,
  OFFLINE_PROVIDER,
  PROVIDER_OF_TARGET,
} from '#adapters/runtime-native';
import type { RuntimeInventory, ServedVariant, TargetReport } from '#application/serving';
import { noOperatorSettings, type OperatorSettings, operatorSettingsOf } from './allowed-operators.ts';
import type { GatewayConfig } from './config.ts';
import { ascendDevices, devicesIn, processor } from './runtime-inventory.ts';

const NVIDIA_DRIVER = '/proc/driver/nvidia/version';
/** ONNX Runtime ends a run when the node of its graph that computes is done; AscendCL's is left to its end. */
const RUN_GRACE_MS = 250;
const TARGETS = Object.entries(PROVIDER_OF_TARGET);

/** What a gateway's models run in, but for plugins. */
export interface Runtimes extends OperatorSettings {
  readonly program: RunnerProgram;
  /** What of the program's runtime a variant runs on; `undefined` where it has nothing for it. */
  readonly providerFor: (variant: ServedVariant) => string | undefined;
  readonly inventory: RuntimeInventory;
}

/**
 * Finds out what models can be run with.
 *
 * @param memoryBytes that the machine, or the container, has.
 * @throws ConfigError when the settings ask for a runtime that cannot be used, saying why
 */
export async function openRuntimes(
  config: GatewayConfig,
  program: RunnerProgram,
  memoryBytes: number,
): Promise<Runtimes> {
  const { runtime, onnxruntimeLibrary, ascendclLibrary } = config;
  if (runtime === 'native') {
    const native = await openNative(program, config, memoryBytes);
    return ascendclLibrary === undefined ? native : withAscend(native, program, resolve(ascendclLibrary));
  }
  if (ascendclLibrary !== undefined) {
    throw new ConfigError([
      'SLIPWAY_GATEWAY_ASCENDCL_LIBRARY is set, and onnxruntime-node cannot use it: set SLIPWAY_GATEWAY_RUNTIME to native',
    ]);
  }
  if (onnxruntimeLibrary !== undefined) {
    throw new ConfigError([
      'SLIPWAY_GATEWAY_ONNXRUNTIME_LIBRARY is set, and onnxruntime-node has a library of its own: set SLIPWAY_GATEWAY_RUNTIME to native',
    ]);
  }
  return {
    program,
    ...noOperatorSettings(config),
    providerFor: ({ target, format }) => (target === 'cpu' && format === 'onnx' ? 'cpu' : undefined),
    inventory: {
      runtimes: [
        { name: 'onnxruntime-node', isUsed: true, version: bundledVersion() },
        { name: 'native', isUsed: false, ...(isAddonBuilt() ? {} : { problem: NOT_BUILT }) },
      ],
      targets: [{ target: 'cpu' }],
      devices: [processor(memoryBytes)],
    },
  };
}

async function openNative(program: RunnerProgram, config: GatewayConfig, memoryBytes: number): Promise<Runtimes> {
  const { onnxruntimeLibrary: named } = config;
  const library = named === undefined ? bundledLibrary() : resolve(named);
  const operators = operatorSettingsOf(config);
  const description = await describe(program, library);
  const targets = targetsOf(description);
  const usable = new Set(targets.filter(({ problem }) => problem === undefined).map(({ target }) => target));
  const providers: Readonly<Record<string, string>> = PROVIDER_OF_TARGET;
  const targetOf = (provider: string) => TARGETS.find(([, ours]) => ours === provider)?.[0];
  const nvidiaDriver = existsSync(NVIDIA_DRIVER) ? readFileSync(NVIDIA_DRIVER, 'utf8') : '';
  return {
    program: { ...program, nodeArguments: [...program.nodeArguments, 'serve', library], graceMs: RUN_GRACE_MS },
    ...operators,
    providerFor: ({ target, format }) => (format === 'onnx' && usable.has(target) ? providers[target] : undefined),
    inventory: {
      runtimes: [
        { name: 'onnxruntime-node', isUsed: false, version: bundledVersion() },
        { name: 'native', isUsed: true, version: description.version, library },
      ],
      targets,
      devices: devicesIn(description, targetOf, memoryBytes, nvidiaDriver),
    },
  };
}

/** The native runtime, which runs offline models as well. */
async function withAscend(native: Runtimes, program: RunnerProgram, library: string): Promise<Runtimes> {
  const description = await describeAscend(program, library);
  const { runtimes, targets, devices } = native.inventory;
  const others = <T extends { readonly target: string }>(reports: readonly T[]) =>
    reports.filter(({ target }) => target !== 'ascend');
  return {
    ...native,
    program: { ...native.program, nodeArguments: [...native.program.nodeArguments, library] },
    providerFor: (variant) =>
      variant.format === 'om' && variant.target === 'ascend' ? OFFLINE_PROVIDER : native.providerFor(variant),
    inventory: {
      runtimes: [...runtimes, { name: 'ascendcl', isUsed: true, library }],
      targets: [...others(targets), { target: 'ascend' }],
      devices: [...others(devices), ...ascendDevices(description)],
    },
  };
}

async function describeAscend(program: RunnerProgram, library: string): Promise<AscendDescription> {
  try {
    return JSON.parse(await describeRunnerRuntime(program, 'describe-ascend', library)) as AscendDescription;
  } catch (error) {
    throw new ConfigError([`SLIPWAY_GATEWAY_ASCENDCL_LIBRARY cannot be used: ${(error as Error).message}`]);
  }
}

async function describe(program: RunnerProgram, library: string): Promise<NativeRuntimeDescription> {
  try {
    return JSON.parse(await describeRunnerRuntime(program, 'describe', library)) as NativeRuntimeDescription;
  } catch (error) {
    throw new ConfigError([`SLIPWAY_GATEWAY_RUNTIME is native, which cannot be used: ${(error as Error).message}`]);
  }
}

/** The targets that the library has a provider for. */
function targetsOf({ providers }: NativeRuntimeDescription): TargetReport[] {
  return TARGETS.flatMap(([target, ours]) => {
    const provider = providers.find(({ name }) => name === ours);
    if (provider === undefined) return [];
    return [{ target, ...(provider.problem === undefined ? {} : { problem: provider.problem }) }];
  });
}
