import type { Readable } from 'node:stream';
import { YamlPluginParser } from '#adapters/json-schema';
import { FsPluginFolders, type PrintedLine, readLines, ThreadWorkers } from '#adapters/plugin-worker';
import type { Logger } from '#adapters/telemetry';
import {
  HostedPlugin,
  type HostParts,
  isForWorkers,
  type LoadedPlugin,
  loadPlugins,
  type PluginEvents,
  PluginSet,
} from '#application/plugin';
import type { PluginKind } from '#domain/plugin';

/** The plugins of one program. */
export interface ProgramPlugins {
  readonly set: PluginSet;
  /** Those that runners hold. */
  readonly runtimes: readonly LoadedPlugin[];
  /** Logs what one of these prints in a runner. */
  readonly logOutput: (plugin: string, stream: Readable, stdio: PrintedLine['stream']) => void;
  /** Has them shut down, and removes the copies of their files. */
  close(): Promise<void>;
}

/**
 * Loads the plugins that the operator lists, and starts those that this program has a use for. All of them are checked, so that a list
 * that is wrong is wrong for every program.
 *
 * @param kinds that this program has a use for.
 * @throws PLUGIN_INVALID naming everything that is wrong.
 */
export async function openPlugins(
  file: string | undefined,
  kinds: readonly PluginKind[],
  logger: Logger,
): Promise<ProgramPlugins> {
  const logLine = lineLogger(logger);
  const logOutput: ProgramPlugins['logOutput'] = (plugin, stream, stdio) =>
    readLines(
      stream,
      () => performance.now(),
      (line) => logLine({ plugin, stream: stdio, line }),
    );
  if (file === undefined) return { set: new PluginSet([]), runtimes: [], logOutput, close: async () => {} };
  const folders = new FsPluginFolders();
  try {
    const loaded = await loadPlugins(file, { parser: new YamlPluginParser(), folders });
    const parts = hostParts(logger, logLine);
    const used = loaded.filter(({ manifest }) => kinds.includes(manifest.kind));
    const set = new PluginSet(used.filter(isForWorkers).map((plugin) => new HostedPlugin(plugin, parts)));
    for (const { manifest, options } of used) {
      const { name, version, kind } = manifest;
      logger.info({ plugin: name, version, kind, digest: options.digest }, 'plugin is loaded');
    }
    set.start();
    return {
      set,
      runtimes: used.filter((plugin) => !isForWorkers(plugin)),
      logOutput,
      close: async () => {
        await set.stop();
        await folders.clear();
      },
    };
  } catch (error) {
    await folders.clear();
    throw error;
  }
}

function lineLogger(logger: Logger): (printed: PrintedLine) => void {
  return ({ plugin, stream, line }) => {
    if (stream === 'stdout') logger.info({ plugin }, line);
    else logger.warn({ plugin }, line);
  };
}

function hostParts(logger: Logger, logLine: (printed: PrintedLine) => void): HostParts {
  return {
    workers: new ThreadWorkers(logLine),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    nowMs: () => Date.now(),
    events: eventsIn(logger),
  };
}

function eventsIn(logger: Logger): PluginEvents {
  return {
    onFailure: (plugin, message) => logger.debug({ plugin, reason: message }, 'a call of a plugin failed'),
    onLost: (plugin, reason, isGivenUp) => {
      if (isGivenUp) logger.error({ plugin, reason }, 'a plugin was given up; it is tried again in a while');
      else logger.warn({ plugin, reason }, 'a worker of a plugin was lost, and is replaced');
    },
  };
}
