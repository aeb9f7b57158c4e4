import { YamlPluginParser } from '#adapters/json-schema';
import { FsPluginFolders } from '#adapters/plugin-worker';
import { PLUGIN_MANIFEST_FILE } from '#application/plugin';
import { DomainError } from '#domain/errors';
import { manifestProblems, type PluginProblem } from '#domain/plugin';
import type { LocalPlugins } from './context.ts';

/** Reads plugins on this machine, without running anything of them. */
export const localPlugins: LocalPlugins = {
  check: async (path) => {
    const folder = await new FsPluginFolders().read(path).catch((error: Error) => {
      throw new DomainError('INPUT_INVALID', `${path} cannot be read: ${error.message}`);
    });
    const text = folder.text(PLUGIN_MANIFEST_FILE);
    if (text === undefined) throw invalid(path, [{ path: PLUGIN_MANIFEST_FILE, message: 'is not there' }]);
    const parsed = new YamlPluginParser().manifest(text);
    if (!parsed.ok) throw invalid(path, parsed.problems);
    const { entry } = parsed.value;
    const isMissing = folder.text(entry) === undefined;
    const problems = [
      ...manifestProblems(parsed.value),
      ...(isMissing ? [{ path: 'entry', message: `${entry} is not in the folder` }] : []),
    ];
    if (problems.length > 0) throw invalid(path, problems);
    return { manifest: parsed.value, digest: folder.digest };
  },
};

function invalid(path: string, problems: readonly PluginProblem[]): DomainError {
  const told = problems.map((problem) => `${problem.path} ${problem.message}`.trim());
  return new DomainError('PLUGIN_INVALID', `${path} is no plugin that can be loaded:\n  ${told.join('\n  ')}`);
}
