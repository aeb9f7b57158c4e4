import type { Parsed, PluginOptions, PluginParser } from '#application/plugin';
import type { PluginManifest, PluginProblem } from '#domain/plugin';
import type { PluginListDocument } from '#generated/plugin-list';
import type { PluginManifestDocument } from '#generated/plugin-manifest';
import listSchema from '../../../../registry-schema/json/plugin-list.schema.json' with { type: 'json' };
import manifestSchema from '../../../../registry-schema/json/plugin-manifest.schema.json' with { type: 'json' };
import { compileSchema } from './compile-schema.ts';
import { toMs } from './duration.ts';
import { yamlDocuments } from './yaml-document.ts';

type Entry = PluginListDocument['plugins'][number];

const MIN_MEMORY_MIB = 32;
const DEFAULT_MEMORY = '128Mi';
const MAX_DEADLINE_MS = 10 * 60_000;
const MAX_MANIFEST_LENGTH = 256 * 1024;

const validateList = compileSchema<PluginListDocument>(listSchema);
const validateManifest = compileSchema<PluginManifestDocument>(manifestSchema);

/** Reads the operator's list of plugins, in YAML or JSON, and what plugins say of themselves. */
export class YamlPluginParser implements PluginParser {
  options(text: string): Parsed<readonly PluginOptions[]> {
    const [document, further] = yamlDocuments(text);
    if (document === undefined || further !== undefined) return wrong('', 'one YAML or JSON document is expected');
    const read = document.read();
    if (!read.ok) return wrong('', read.message);
    const list = validateList(read.value);
    if (!list.ok) return list;
    const options = list.value.plugins.map(toOptions);
    const problems = [...list.value.plugins.flatMap(runtimeProblems), ...options.flatMap(boundProblems)];
    return problems.length === 0 ? { ok: true, value: options } : { ok: false, problems };
  }

  manifest(text: string): Parsed<PluginManifest> {
    if (text.length > MAX_MANIFEST_LENGTH) return wrong('', 'slipway-plugin.json has more than 256 KiB');
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch (error) {
      return wrong('', `slipway-plugin.json is not JSON: ${(error as Error).message}`);
    }
    const manifest = validateManifest(document);
    if (!manifest.ok) return manifest;
    const { description, config, inputs, outputs, ...rest } = manifest.value;
    return { ok: true, value: { ...rest, description, config: config as PluginManifest['config'], inputs, outputs } };
  }

  configProblems(schema: Readonly<Record<string, unknown>> | undefined, config: unknown): readonly PluginProblem[] {
    if (schema === undefined) {
      const isEmpty = typeof config === 'object' && config !== null && Object.keys(config).length === 0;
      return isEmpty ? [] : [{ path: '', message: 'is given, and the plugin takes none' }];
    }
    // A plugin's schema comes with code that runs here anyway; it may be laxer than ours are.
    try {
      const validation = compileSchema(schema, [], { isStrict: false })(config);
      return validation.ok ? [] : validation.problems;
    } catch (error) {
      return [{ path: '', message: `has a schema that is none: ${(error as Error).message}` }];
    }
  }
}

function toOptions({ path, digest, config, serves, instances, memory, deadlines, allow }: Entry): PluginOptions {
  return {
    path,
    digest,
    config: config ?? {},
    serves: serves ?? [],
    instances: instances ?? 1,
    memoryMib: toMib(memory ?? DEFAULT_MEMORY),
    initMs: toMs(deadlines?.init ?? '10s'),
    executeMs: toMs(deadlines?.execute ?? '250ms'),
    shutdownMs: toMs(deadlines?.shutdown ?? '2s'),
    grants: allow ?? [],
  };
}

/** What is without meaning for runtimes. */
function runtimeProblems({ serves, instances, deadlines }: Entry, index: number): PluginProblem[] {
  if (serves === undefined) return [];
  const at = `plugins[${index}]`;
  const whose = (what: string, otherwise: string) => ({
    path: `${at}.${what}`,
    message: `is not a runtime's: ${otherwise}`,
  });
  return [
    ...(instances === undefined ? [] : [whose('instances', 'deployments say how many instances a version has')]),
    ...(deadlines?.execute === undefined ? [] : [whose('deadlines.execute', 'each request has a deadline of its own')]),
  ];
}

function boundProblems({ memoryMib, initMs, executeMs, shutdownMs }: PluginOptions, index: number): PluginProblem[] {
  const at = `plugins[${index}]`;
  const deadlines = { init: initMs, execute: executeMs, shutdown: shutdownMs };
  const isTooLittle = memoryMib < MIN_MEMORY_MIB;
  return [
    ...(isTooLittle ? [{ path: `${at}.memory`, message: `must be at least ${MIN_MEMORY_MIB}Mi` }] : []),
    ...Object.entries(deadlines).flatMap(([name, ms]) =>
      ms > MAX_DEADLINE_MS ? [{ path: `${at}.deadlines.${name}`, message: 'must be at most 10m' }] : [],
    ),
  ];
}

function toMib(memory: string): number {
  return Number(memory.slice(0, -2)) * (memory.endsWith('Gi') ? 1024 : 1);
}

function wrong(path: string, message: string): { readonly ok: false; readonly problems: readonly PluginProblem[] } {
  return { ok: false, problems: [{ path, message }] };
}
