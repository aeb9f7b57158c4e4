import { isDomainError } from '#domain/errors';
import type { TensorSpec } from '#domain/inference';
import { parseSemanticVersion } from '#domain/registry';
import { interfaceProblem, kindProblem } from './interface-version.ts';
import type { PluginKind } from './plugin-kind.ts';

/** What a plugin says of itself, in `slipway-plugin.json`. */
export interface PluginManifest {
  readonly name: string;
  /** Semantic. */
  readonly version: string;
  /** `major.minor` of the host's interface that it needs at least. */
  readonly interface: string;
  readonly kind: PluginKind;
  /** The module that is loaded, relative to the folder. */
  readonly entry: string;
  readonly description: string | undefined;
  /** JSON Schema of its configuration; absent: it takes none. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  /** Of a preprocessor: what clients send instead of the model's inputs; absent: the model's own. */
  readonly inputs: readonly TensorSpec[] | undefined;
  /** Of a postprocessor: what clients get instead of the model's outputs; absent: the model's own. */
  readonly outputs: readonly TensorSpec[] | undefined;
}

/** What is wrong with a plugin, where. */
export interface PluginProblem {
  readonly path: string;
  readonly message: string;
}

const ENTRY = /^(?!\/)(?!.*\.\.)(?!.*\\)[^\s]+\.(ts|mts|js|mjs)$/;

/** All that is wrong with a manifest whose form is right. */
export function manifestProblems(manifest: PluginManifest): readonly PluginProblem[] {
  const { kind, inputs, outputs, entry } = manifest;
  const problems: PluginProblem[] = [];
  const tell = (path: string, message: string | undefined) => {
    if (message !== undefined) problems.push({ path, message });
  };
  tell('version', versionProblem(manifest.version));
  tell('interface', interfaceProblem(manifest.interface) ?? kindProblem(kind, manifest.interface));
  if (!ENTRY.test(entry)) tell('entry', `must name a .ts, .mts, .js or .mjs file within the folder, not ${entry}`);
  if (inputs !== undefined && kind !== 'preprocessor') tell('inputs', `are a preprocessor's, and this is a ${kind}`);
  if (outputs !== undefined && kind !== 'postprocessor')
    tell('outputs', `are a postprocessor's, and this is a ${kind}`);
  for (const [path, specs] of [['inputs', inputs] as const, ['outputs', outputs] as const]) {
    const names = (specs ?? []).map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) tell(path, `name ${twice} twice`);
  }
  return problems;
}

function versionProblem(version: string): string | undefined {
  try {
    parseSemanticVersion(version, 'it');
    return undefined;
  } catch (error) {
    return isDomainError(error) ? `is no semantic version such as 1.4.0, but ${version}` : String(error);
  }
}
