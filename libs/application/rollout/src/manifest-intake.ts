import type { DesiredDeployment } from '#domain/rollout';
import { type AliasedManifest, isAliased, isResolved } from './aliased-manifest.ts';
import { Deployment } from './deployment.ts';
import { deploymentKey } from './deployment-key.ts';
import type { DeploymentNews } from './deployment-news.ts';
import type { ManifestParser, ParsedManifest } from './manifest-parser.ts';
import type { ManifestFile, SourceNotice, SourceRevision, StrayCommit } from './manifest-source.ts';
import { DEFAULT_MAX_REMOVED_PERCENT, isUnread, planRemoval } from './removal.ts';
import type { NewEvent } from './rollout-journal.ts';

/** What manifests are taken in with. */
export interface ManifestIntakeParts {
  readonly parser: ManifestParser;
  /** By key; manifests add to them and take away. */
  readonly deployments: Map<string, Deployment>;
  readonly news: DeploymentNews;
  /** Told of a deployment whose manifest names an alias that is to be looked up. */
  readonly onAlias: (key: string, deployment: Deployment) => void;
  /** Told of deployments that were taken away. */
  readonly onRemoved: (keys: readonly string[]) => void;
  /** Told once of what is wrong with the repository itself. */
  readonly onNotice?: ((notice: SourceNotice) => void) | undefined;
  /** Most deployments that a commit may remove without saying so, in percent of all. */
  readonly maxRemovedPercent?: number | undefined;
}

/** Takes over what Git says into the deployments, and tells what is wrong with it. */
export class ManifestIntake {
  readonly #parts: ManifestIntakeParts;
  readonly #seenStrays = new Set<string>();
  #notices = new Set<string>();
  /** Manifests by the content of their file, which stays the same object as long as the file is the same. */
  readonly #parsed = new WeakMap<ManifestFile['content'], readonly ParsedManifest[]>();
  /** Manifests that wait for their alias to be looked up; what was desired before stays in force meanwhile. */
  readonly #aliased = new Map<string, AliasedManifest>();

  constructor(parts: ManifestIntakeParts) {
    this.#parts = parts;
  }

  take(revision: SourceRevision): void {
    const known = [...this.#parts.deployments.values()];
    const seen = new Set<string>();
    for (const { entry } of known) if (isUnread(revision, entry.desired?.file)) seen.add(deploymentKey(entry));
    for (const file of revision.files) this.#takeFile(file, seen);
    this.#removeAbsent(revision, known, seen);
    this.#tellNotices(revision.notices ?? []);
    for (const stray of revision.strays) {
      if (this.#seenStrays.has(stray.commit)) continue;
      this.#seenStrays.add(stray.commit);
      this.reportStray(stray, revision.branch);
    }
  }

  /** Takes over what a manifest says, its alias, if it names one, looked up. */
  takeDesired(key: string, desired: DesiredDeployment): void {
    this.#aliased.delete(key);
    const deployment = this.#deploymentOf(key, desired.spec);
    if (deployment.setDesired(desired)) this.#parts.news.changed(deployment);
  }

  /** The manifest that waits for its alias. */
  aliased(key: string): AliasedManifest | undefined {
    return this.#aliased.get(key);
  }

  /** Tells of a push that the repository refused because of its branch. */
  reportStray(stray: StrayCommit, deployedBranch: string): void {
    const deployed = stray.deployedBranch ?? deployedBranch;
    for (const deployment of this.#parts.deployments.values()) {
      const file = deployment.entry.desired?.file;
      if (file === undefined || !stray.paths.includes(file)) continue;
      const message = `commit ${stray.commit.slice(0, 10)} on branch ${stray.branch} changes ${file}, but only ${deployed} is deployed`;
      const event: NewEvent = { severity: 'error', code: 'BRANCH_NOT_DEPLOYED', message, commit: stray.commit };
      this.#parts.news.tellOnce(deployment, event);
    }
  }

  /** Forgets what waits and what was told. */
  clear(): void {
    this.#aliased.clear();
    this.#seenStrays.clear();
    this.#notices.clear();
  }

  #takeFile(file: ManifestFile, seen: Set<string>): void {
    if (file.content.kind === 'refused') {
      this.#tellProblem(file, undefined, file.content.reason, seen);
      return;
    }
    const manifests = this.#parsed.get(file.content) ?? this.#parts.parser.parse(file.content.text);
    this.#parsed.set(file.content, manifests);
    for (const manifest of manifests) this.#takeManifest(file, manifest, seen);
  }

  #takeManifest(file: ManifestFile, manifest: ParsedManifest, seen: Set<string>): void {
    if (manifest.kind === 'policy') return;
    if (manifest.kind === 'invalid') {
      const { namespace = 'default', name, message } = manifest;
      this.#tellProblem(file, name === undefined ? undefined : { namespace, name }, message, seen);
      return;
    }
    const { spec, specHash, labels = {} } = manifest;
    const key = deploymentKey(spec);
    if (seen.has(key)) {
      const problem = `${spec.name} is named by another manifest too; the first one counts`;
      this.#tellProblem(file, spec, problem, seen, 'MANIFEST_DUPLICATE');
      return;
    }
    seen.add(key);
    const deployment = this.#deploymentOf(key, spec);
    if (deployment.setLabels(labels)) this.#parts.news.changed(deployment);
    const origin = { specHash, commit: file.commit, file: file.path };
    if (isAliased(spec)) this.#takeAliased(key, { spec, ...origin });
    else this.takeDesired(key, { spec, ...origin });
  }

  #takeAliased(key: string, manifest: AliasedManifest): void {
    const deployment = this.#deploymentOf(key, manifest.spec);
    if (isResolved(manifest, deployment.entry.desired)) {
      this.#aliased.delete(key);
      return;
    }
    this.#aliased.set(key, manifest);
    this.#parts.onAlias(key, deployment);
  }

  #deploymentOf(key: string, { namespace, name }: { namespace: string; name: string }): Deployment {
    const { deployments } = this.#parts;
    const deployment = deployments.get(key) ?? Deployment.create(namespace, name);
    deployments.set(key, deployment);
    return deployment;
  }

  /** A file that cannot be used keeps the deployments that it brought as they are. */
  #tellProblem(
    file: ManifestFile,
    named: { readonly namespace: string; readonly name: string } | undefined,
    problem: string,
    seen: Set<string>,
    code: 'MANIFEST_INVALID' | 'MANIFEST_DUPLICATE' = 'MANIFEST_INVALID',
  ): void {
    const key = named && deploymentKey(named);
    const touched = [...this.#parts.deployments.values()].filter(
      ({ entry }) => entry.desired?.file === file.path || deploymentKey(entry) === key,
    );
    if (touched.length === 0 && named !== undefined) touched.push(this.#deploymentOf(deploymentKey(named), named));
    for (const deployment of touched) {
      seen.add(deploymentKey(deployment.entry));
      const message = `${file.path}: ${problem}`;
      this.#parts.news.tellOnce(deployment, { severity: 'error', code, message, commit: file.commit });
    }
  }

  #removeAbsent(revision: SourceRevision, known: readonly Deployment[], seen: ReadonlySet<string>): void {
    const { deployments, news, onRemoved, maxRemovedPercent = DEFAULT_MAX_REMOVED_PERCENT } = this.#parts;
    const candidates = known.map(({ entry }) => {
      const key = deploymentKey(entry);
      return { key, file: entry.desired?.file, isPresent: seen.has(key) };
    });
    const { remove, held } = planRemoval(revision, candidates, maxRemovedPercent);
    const removed = remove.filter((key) => deployments.delete(key));
    for (const key of removed) this.#aliased.delete(key);
    if (removed.length > 0) onRemoved(removed);
    for (const { keys, commit, message } of held) {
      const event: NewEvent = { severity: 'error', code: 'REMOVAL_HELD', message, commit };
      for (const key of keys) news.tellOnce(deployments.get(key), event);
    }
  }

  #tellNotices(notices: readonly SourceNotice[]): void {
    const told = this.#notices;
    this.#notices = new Set(notices.map(({ code, message }) => `${code} ${message}`));
    for (const notice of notices) {
      const { paths, ...event } = notice;
      if (!told.has(`${notice.code} ${notice.message}`)) this.#parts.onNotice?.(notice);
      const touched = new Set(paths);
      for (const deployment of this.#parts.deployments.values()) {
        if (touched.has(deployment.entry.desired?.file ?? '')) this.#parts.news.tellOnce(deployment, event);
      }
    }
  }
}
