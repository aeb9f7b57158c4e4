import type { ManifestFile } from '#application/rollout';
import { listManifests, type ManifestEntry, readManifests, refusalOf } from './manifest-blobs.ts';
import type { Mirror } from './mirror.ts';
import { touchingCommits } from './touching-commits.ts';

interface KnownFile {
  readonly entry: ManifestEntry;
  readonly file: ManifestFile;
}

/**
 * The manifests of a folder at one commit after the other. What did not change since the last one is neither read nor looked for in
 * history again, and keeps its content as the same object.
 */
export class ManifestFiles {
  readonly #mirror: Mirror;
  readonly #folder: string;
  #commit: string | undefined;
  #known = new Map<string, KnownFile>();

  constructor(mirror: Mirror, folder: string) {
    this.#mirror = mirror;
    this.#folder = folder;
  }

  async at(commit: string): Promise<ManifestFile[]> {
    const entries = await listManifests(this.#mirror.git, commit, this.#folder);
    const isNew = (entry: ManifestEntry) => !isSame(this.#known.get(entry.path)?.entry, entry);
    const contents = await readManifests(this.#mirror.git, entries.filter(isNew));
    const commits = await this.#commitsOf(entries, commit);
    const known = new Map<string, KnownFile>();
    for (const entry of entries) {
      const before = this.#known.get(entry.path);
      const content = isNew(entry) ? contentOf(entry, contents) : before?.file.content;
      const touched = commits.get(entry.path) ?? commit;
      const isUnchanged = content === before?.file.content && touched === before?.file.commit;
      const file =
        before !== undefined && isUnchanged
          ? before.file
          : { path: entry.path, commit: touched, content: content ?? contentOf(entry, contents) };
      known.set(entry.path, { entry, file });
    }
    this.#known = known;
    this.#commit = commit;
    return [...known.values()].map(({ file }) => file);
  }

  /** The newest commit of every file. After a commit that builds on the last one, only what lies in between is walked. */
  async #commitsOf(entries: readonly ManifestEntry[], commit: string): Promise<Map<string, string>> {
    const from = await this.#baseOf(commit);
    const hashes = new Map(entries.map(({ path, hash }) => [path, hash]));
    if (from === undefined) return this.#walk(commit, undefined, hashes);
    const commits = await this.#walk(commit, from, hashes);
    const lost = new Map<string, string>();
    for (const entry of entries) {
      if (commits.has(entry.path)) continue;
      const before = this.#known.get(entry.path);
      if (before !== undefined && isSame(before.entry, entry)) commits.set(entry.path, before.file.commit);
      else lost.set(entry.path, entry.hash);
    }
    // A merge can bring back what an older commit wrote.
    if (lost.size > 0)
      for (const [path, touched] of await this.#walk(commit, undefined, lost)) commits.set(path, touched);
    return commits;
  }

  async #baseOf(commit: string): Promise<string | undefined> {
    const base = this.#commit;
    return base !== undefined && (await this.#mirror.isAncestor(base, commit)) ? base : undefined;
  }

  #walk(to: string, from: string | undefined, wanted: ReadonlyMap<string, string>): Promise<Map<string, string>> {
    return touchingCommits(this.#mirror.git, { to, from }, this.#folder, wanted);
  }
}

function isSame(before: ManifestEntry | undefined, entry: ManifestEntry): boolean {
  return before?.hash === entry.hash && before.mode === entry.mode;
}

function contentOf(
  entry: ManifestEntry,
  contents: ReadonlyMap<string, ManifestFile['content']>,
): ManifestFile['content'] {
  const refusal = refusalOf(entry);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  return contents.get(entry.hash) ?? { kind: 'refused', reason: 'the repository lacks the object of this file' };
}
