import type { PolicyFile, PolicyPublisher } from './access-documents.ts';
import type { ParsedPolicy, PolicyParser } from './policy-parser.ts';
import { resolveDocuments } from './resolve-documents.ts';

/** A file at the head of a branch. The content stays the same object as long as it is the same. */
export interface RepositoryFile {
  readonly path: string;
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'refused'; readonly reason: string };
}

/** What a repository says now. */
export interface RepositoryState {
  /** `undefined` while there is none. */
  readonly commit: string | undefined;
  readonly files: readonly RepositoryFile[];
  /** Whether all of it could be read. */
  readonly isWhole: boolean;
  /** Whether the commit says that as much may go as is missing. */
  readonly confirmsRemoval: boolean;
}

/** What policies are published with. */
export interface PublishPoliciesParts {
  readonly parser: PolicyParser;
  readonly publisher: PolicyPublisher;
  /** Told once of a commit whose policies are published. */
  readonly onPublished: (commit: string, files: number) => void;
  /** Told once of a commit whose policies are not, and why. */
  readonly onRefused: (commit: string, problems: readonly string[]) => void;
}

/**
 * Publishes the policies of a repository for every program to follow. What cannot be in force is not published: whoever starts anew
 * finds the last good ones.
 */
export class PublishPolicies {
  readonly #parts: PublishPoliciesParts;
  readonly #parsed = new WeakMap<RepositoryFile['content'], readonly ParsedPolicy[]>();
  /** What was published last in this epoch, as text. */
  #published: string | undefined;
  #publishedFiles: ReadonlySet<string> = new Set();
  #epoch = 0;
  #refused = '';

  constructor(parts: PublishPoliciesParts) {
    this.#parts = parts;
  }

  /**
   * Takes what the repository says now.
   *
   * @param epoch of the term in which it was read.
   * @throws STORE_UNAVAILABLE, PRECONDITION_FAILED; it can be called again with the same.
   */
  async take({ commit, files, isWhole, confirmsRemoval }: RepositoryState, epoch: number): Promise<void> {
    if (commit === undefined || !isWhole) return;
    if (epoch !== this.#epoch) this.#published = undefined;
    this.#epoch = epoch;
    const policyFiles = files.flatMap((file) => this.#policyFile(file) ?? []);
    const text = JSON.stringify(policyFiles);
    // A repository that never had any says nothing about access: somebody else may.
    if (text === this.#published || (policyFiles.length === 0 && this.#published === undefined)) return;
    const problems = this.#problemsOf(files, policyFiles, confirmsRemoval);
    if (problems.length > 0) {
      this.#tellRefused(commit, problems);
      return;
    }
    await this.#parts.publisher.publish({ revision: commit, files: policyFiles }, epoch);
    this.#published = text;
    this.#publishedFiles = new Set(policyFiles.map(({ path }) => path));
    this.#refused = '';
    this.#parts.onPublished(commit, policyFiles.length);
  }

  #policyFile({ path, content }: RepositoryFile): PolicyFile | undefined {
    if (content.kind === 'refused' || this.#policiesIn(content).length === 0) return undefined;
    return { path, text: content.text };
  }

  #policiesIn(content: RepositoryFile['content']): readonly ParsedPolicy[] {
    if (content.kind === 'refused') return [];
    const known = this.#parsed.get(content) ?? this.#parts.parser.parse(content.text);
    this.#parsed.set(content, known);
    return known;
  }

  #problemsOf(
    files: readonly RepositoryFile[],
    policyFiles: readonly PolicyFile[],
    confirmsRemoval: boolean,
  ): readonly string[] {
    const unreadable = files.flatMap(({ path, content }) =>
      content.kind === 'refused' && this.#publishedFiles.has(path) ? [`${path}: ${content.reason}`] : [],
    );
    if (policyFiles.length === 0 && !confirmsRemoval) {
      const advice = 'say Slipway-Confirm-Removal: yes in the message of the newest commit, if that is meant';
      return [...unreadable, `no policy is left, and without any nobody may do anything: ${advice}`];
    }
    const documents = files.flatMap(({ path, content }) =>
      this.#policiesIn(content).map((parsed) => ({ file: path, parsed })),
    );
    const resolved = resolveDocuments(documents);
    return resolved.kind === 'refused' ? [...unreadable, ...resolved.problems] : unreadable;
  }

  #tellRefused(commit: string, problems: readonly string[]): void {
    const words = `${commit} ${problems.join('\n')}`;
    if (words === this.#refused) return;
    this.#refused = words;
    this.#parts.onRefused(commit, problems);
  }
}
