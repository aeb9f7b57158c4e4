import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ForgeStatusPublisher } from '#adapters/commit-status';
import { ConfigError } from '#adapters/config';
import { GitManifestSource, type ListedSource, readSourcesFile } from '#adapters/git-source';
import {
  type CommitStatusPublisher,
  ComposedSource,
  ComposedStatusPublisher,
  type ManifestParser,
  type ManifestSource,
  type Reconciler,
  type RepositoryStatuses,
  type Scheduler,
  StatusReporter,
  type StatusReporterParts,
} from '#application/rollout';
import type { ControllerConfig } from './config.ts';

/** Where manifests come from, and where it is told what became of them. */
export interface GitParts {
  readonly source: ManifestSource;
  readonly publisher: CommitStatusPublisher | undefined;
}

/**
 * The one repository, or the several, that the settings name.
 *
 * @throws ConfigError for settings that do not go together.
 * @throws INPUT_INVALID for a repository that cannot be one.
 */
export async function createGitSource(
  config: ControllerConfig,
  parser: ManifestParser,
  scheduler: Scheduler,
): Promise<GitParts> {
  const { gitUrl, gitSources } = config;
  if (gitUrl !== undefined && gitSources === undefined) {
    const source = new GitManifestSource({ ...ofSettings(config, gitUrl), ...commonOf(config, 'mirror.git') }, parser);
    return { source, publisher: publisherOf(statusesOf(config), source) };
  }
  if (gitUrl !== undefined || gitSources === undefined) {
    throw new ConfigError(['one of SLIPWAY_GIT_URL and SLIPWAY_GIT_SOURCES is required, and not both']);
  }
  if (config.gitStatus !== 'none') {
    throw new ConfigError([
      'SLIPWAY_GIT_STATUS is for one repository: those of SLIPWAY_GIT_SOURCES say it by `status`',
    ]);
  }
  const sources = (await readSourcesFile(gitSources)).map((listed) => {
    const options = { ...ofList(listed), ...commonOf(config, `${listed.name}.mirror.git`) };
    return { listed, source: new GitManifestSource(options, parser) };
  });
  const named = sources.map(({ listed: { name, branch }, source }) => ({ name, branch, source }));
  return { source: new ComposedSource(named, scheduler), publisher: await composedPublisherOf(sources) };
}

/** `undefined` where no repository tells statuses. */
async function composedPublisherOf(
  sources: readonly { readonly listed: ListedSource; readonly source: GitManifestSource }[],
): Promise<CommitStatusPublisher | undefined> {
  const repositories: RepositoryStatuses[] = [];
  for (const { listed, source } of sources) {
    const { status: forge, statusUrl: url, statusTokenFile } = listed;
    const token = statusTokenFile === undefined ? undefined : await tokenIn(statusTokenFile);
    const hasCommit = (commit: string) => source.hasCommit(commit);
    repositories.push({ hasCommit, publisher: publisherOf({ forge, url, token }, source) });
  }
  const isTold = repositories.some(({ publisher }) => publisher !== undefined);
  return isTold ? new ComposedStatusPublisher(repositories) : undefined;
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new ConfigError([`the token of a forge cannot be read: ${(error as Error).message}`]);
  }
}

/** Publishes the status of every deployment that changes. */
export function reportStatuses(reconciler: Reconciler, parts: StatusReporterParts): StatusReporter {
  const reporter = new StatusReporter(parts);
  reconciler.onChange((deployment) => reporter.report(deployment));
  return reporter;
}

function ofSettings(config: ControllerConfig, url: string) {
  return {
    url,
    branch: config.gitBranch,
    path: config.gitPath,
    verification: {
      mode: config.gitVerify,
      allowedSigners: config.gitAllowedSigners,
      keyring: config.gitKeyring,
    },
    signingKey: config.gitSigningKey,
  };
}

function ofList({ url, branch, path, verify, allowedSigners, keyring, signingKey }: ListedSource) {
  return { url, branch, path, verification: { mode: verify, allowedSigners, keyring }, signingKey };
}

function commonOf(config: ControllerConfig, mirror: string) {
  return {
    mirrorDir: join(config.stateDir, mirror),
    author: { name: config.authorName, email: config.authorEmail },
  };
}

/** Where statuses of commits go; a forge needs all of it. */
interface StatusSettings {
  readonly forge: ControllerConfig['gitStatus'];
  readonly url: string | undefined;
  readonly token: string | undefined;
}

function statusesOf({ gitStatus: forge, gitStatusUrl: url, gitStatusToken: token }: ControllerConfig): StatusSettings {
  return { forge, url, token };
}

function publisherOf(
  { forge, url, token }: StatusSettings,
  source: GitManifestSource,
): CommitStatusPublisher | undefined {
  if (forge === 'none') return undefined;
  if (forge === 'notes') return source.notesPublisher();
  if (url !== undefined && token !== undefined) return new ForgeStatusPublisher({ forge, url, token });
  throw new ConfigError([`SLIPWAY_GIT_STATUS=${forge} needs SLIPWAY_GIT_STATUS_URL and SLIPWAY_GIT_STATUS_TOKEN`]);
}
