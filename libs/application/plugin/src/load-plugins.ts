import { DomainError } from '#domain/errors';
import {
  commonSelection,
  manifestProblems,
  type PluginManifest,
  type PluginProblem,
  selectionInWords,
  selectionProblems,
} from '#domain/plugin';
import type { LoadedPlugin, PluginOptions } from './loaded-plugin.ts';

/** Every plugin has it in its folder. */
export const PLUGIN_MANIFEST_FILE = 'slipway-plugin.json';

/** A document that was read, or all that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly PluginProblem[] };

/** Reads the documents that say what plugins there are. */
export interface PluginParser {
  /** The operator's file; paths in it are as they were written. */
  options(text: string): Parsed<readonly PluginOptions[]>;
  manifest(text: string): Parsed<PluginManifest>;
  /** What is wrong with a configuration by the plugin's own JSON Schema, or with that. */
  configProblems(schema: Readonly<Record<string, unknown>> | undefined, config: unknown): readonly PluginProblem[];
}

/** A plugin's folder as it was read: each file once. */
export interface PluginFolder {
  readonly digest: string;
  /** A file of it; `undefined` when there is none of that name. */
  text(file: string): string | undefined;
  /** Writes the bytes that were read to a folder of the host's own, and answers where. */
  place(): Promise<string>;
}

/** Where plugins lie. */
export interface PluginFolders {
  /** @throws Error when it cannot be read. */
  readOptions(file: string): Promise<string>;
  /** The path of a folder that the operator's file names. */
  resolve(file: string, path: string): string;
  /** @throws Error when it cannot be read, has something else than files and folders in it, or too many or too large ones. */
  read(path: string): Promise<PluginFolder>;
}

/** What loading works with. */
export interface LoadParts {
  readonly parser: PluginParser;
  readonly folders: PluginFolders;
}

/**
 * Loads the plugins that the operator's file lists: each verified by its digest, with its manifest and configuration checked. Nothing of
 * them has run.
 *
 * @throws PLUGIN_INVALID naming everything that is wrong.
 */
export async function loadPlugins(file: string, { parser, folders }: LoadParts): Promise<readonly LoadedPlugin[]> {
  const options = await readOptions(file, parser, folders);
  const problems: string[] = [];
  const loaded: LoadedPlugin[] = [];
  for (const [index, entry] of options.entries()) {
    const tell = ({ path, message }: PluginProblem) =>
      problems.push(`plugins[${index}] (${entry.path})${path === '' ? '' : ` ${path}`} ${message}`);
    const path = folders.resolve(file, entry.path);
    const plugin = await loadPlugin({ ...entry, path }, { parser, folders }, tell);
    if (plugin === undefined) continue;
    const { name } = plugin.manifest;
    if (loaded.some(({ manifest }) => manifest.name === name)) tell({ path: 'name', message: `${name} is taken` });
    for (const problem of rivalries(plugin, loaded)) tell(problem);
    loaded.push(plugin);
  }
  if (problems.length > 0) throw invalid(file, problems);
  return loaded;
}

async function readOptions(file: string, parser: PluginParser, folders: PluginFolders) {
  let text: string;
  try {
    text = await folders.readOptions(file);
  } catch (error) {
    throw invalid(file, [(error as Error).message]);
  }
  const options = parser.options(text);
  if (options.ok) return options.value;
  throw invalid(
    file,
    options.problems.map(({ path, message }) => `${path} ${message}`.trim()),
  );
}

async function loadPlugin(
  options: PluginOptions,
  { parser, folders }: LoadParts,
  tell: (problem: PluginProblem) => void,
): Promise<LoadedPlugin | undefined> {
  let folder: PluginFolder;
  try {
    folder = await folders.read(options.path);
  } catch (error) {
    tell({ path: 'path', message: `cannot be read: ${(error as Error).message}` });
    return undefined;
  }
  // Before anything in it is looked at: what somebody else put there is nothing to go by.
  if (folder.digest !== options.digest) {
    tell({ path: 'digest', message: `is ${options.digest}, and the folder has ${folder.digest}: look what changed` });
    return undefined;
  }
  const manifest = readManifest(folder, parser);
  const problems = manifest.ok ? problemsOf(manifest.value, folder, options, parser) : manifest.problems;
  for (const problem of problems) tell(problem);
  if (!manifest.ok || problems.length > 0) return undefined;
  return { manifest: manifest.value, options, folder: await folder.place() };
}

function readManifest(folder: PluginFolder, parser: PluginParser): Parsed<PluginManifest> {
  const text = folder.text(PLUGIN_MANIFEST_FILE);
  if (text !== undefined) return parser.manifest(text);
  return { ok: false, problems: [{ path: PLUGIN_MANIFEST_FILE, message: 'is not there' }] };
}

function problemsOf(
  manifest: PluginManifest,
  folder: PluginFolder,
  { config, serves }: PluginOptions,
  parser: PluginParser,
): readonly PluginProblem[] {
  const own = [...manifestProblems(manifest), ...servingProblems(manifest, serves)];
  const isMissing = folder.text(manifest.entry) === undefined;
  return [
    ...own,
    ...(isMissing ? [{ path: 'entry', message: `${manifest.entry} is not in the folder` }] : []),
    ...parser.configProblems(manifest.config, config).map(({ path, message }) => ({
      path: path === '' ? 'config' : `config.${path}`,
      message,
    })),
  ];
}

function servingProblems({ kind }: PluginManifest, serves: PluginOptions['serves']): readonly PluginProblem[] {
  if (kind === 'runtime' && serves.length === 0)
    return [{ path: 'serves', message: 'must say which variants the runtime runs, such as [{ format: trees }]' }];
  if (kind !== 'runtime' && serves.length > 0)
    return [{ path: 'serves', message: `is a runtime's, and this is a ${kind}` }];
  return selectionProblems(serves);
}

/** Each variant has one runtime, or which one it is would depend on the order of the list. */
function rivalries({ options }: LoadedPlugin, others: readonly LoadedPlugin[]): readonly PluginProblem[] {
  return others.flatMap((other) => {
    const common = commonSelection(options.serves, other.options.serves);
    if (common === undefined) return [];
    return [
      { path: 'serves', message: `${selectionInWords(common)}, of which ${other.manifest.name} runs some already` },
    ];
  });
}

function invalid(file: string, problems: readonly string[]): DomainError {
  return new DomainError('PLUGIN_INVALID', `${file} lists plugins that cannot be loaded:\n  ${problems.join('\n  ')}`);
}
