import type { CommitStatus, CommitStatusPublisher } from '#application/rollout';
import { DomainError } from '#domain/errors';
import type { Mirror } from './mirror.ts';

/** A line of a note. */
interface NoteLine {
  readonly context: string;
  readonly state: CommitStatus['state'];
  readonly description: string;
  readonly at: string;
  readonly url?: string;
}

interface Queued {
  readonly status: CommitStatus;
  readonly atMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const NOTES = 'refs/notes/status';
const MAX_PUSH_ATTEMPTS = 5;

/**
 * Statuses as Git notes, for repositories without a forge: the note of a commit in `refs/notes/status` has one line of JSON per
 * context. What comes while a push is under way goes with the next one, all of it in one commit.
 *
 * @see https://git-scm.com/docs/git-notes
 */
export class NotesStatusPublisher implements CommitStatusPublisher {
  readonly maxConcurrent = 256;
  readonly #mirror: Mirror;
  readonly #author: { readonly name: string; readonly email: string };
  #queue: Queued[] = [];
  #isWriting = false;

  /** @param mirror that of the source: notes need the commits that they are about. */
  constructor(mirror: Mirror, author: { readonly name: string; readonly email: string }) {
    this.#mirror = mirror;
    this.#author = author;
  }

  publish(status: CommitStatus): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ status, atMs: Date.now(), resolve, reject });
      void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#mirror.use(() => this.#write(batch));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWriting = false;
  }

  async #write(batch: readonly Queued[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_PUSH_ATTEMPTS; attempt += 1) {
      const isThere = await this.#mirror.fetchRef(NOTES);
      if (!isThere) await this.#mirror.git.run(['update-ref', '-d', NOTES]);
      const notes = await this.#withNew(batch);
      if (notes.size === 0) return;
      await this.#commit(notes, isThere);
      const { status, report } = await this.#mirror.push(`${NOTES}:${NOTES}`);
      if (status === 0) return;
      if (!/fetch first|non-fast-forward|cannot lock ref|failed to update ref/.test(report)) {
        throw new DomainError('SOURCE_UNAVAILABLE', `notes cannot be pushed: ${report.trim().slice(-300)}`);
      }
    }
    throw new DomainError('SOURCE_UNAVAILABLE', 'notes cannot be pushed: others push all the time');
  }

  /** The notes with the new lines in the place of older ones; commits that are not in the mirror any more are left out. */
  async #withNew(batch: readonly Queued[]): Promise<Map<string, string>> {
    const commits = await this.#present([...new Set(batch.map(({ status }) => status.commit))]);
    const notes = new Map<string, Map<string, string>>();
    for (const commit of commits) notes.set(commit, await this.#linesOf(commit));
    for (const { status, atMs } of batch) notes.get(status.commit)?.set(status.context, lineOf(status, atMs));
    return new Map([...notes].map(([commit, lines]) => [commit, `${[...lines.values()].join('\n')}\n`]));
  }

  async #present(commits: readonly string[]): Promise<string[]> {
    const flags = ['--no-walk', '--ignore-missing', '--missing=allow-any', '--stdin'];
    const found = await this.#mirror.git.text(['rev-list', ...flags], { input: `${commits.join('\n')}\n` });
    return found.split('\n').filter((commit) => commit !== '');
  }

  async #linesOf(commit: string): Promise<Map<string, string>> {
    const { status, stdout } = await this.#mirror.git.try(['notes', `--ref=${NOTES}`, 'show', commit]);
    const lines = status === 0 ? stdout.toString('utf8').split('\n') : [];
    return new Map(lines.filter((line) => line !== '').map((line) => [contextOf(line), line]));
  }

  /** One process for all of them. @see https://git-scm.com/docs/git-fast-import#_notemodify */
  async #commit(notes: ReadonlyMap<string, string>, isThere: boolean): Promise<void> {
    const { name, email } = this.#author;
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const parts = [
      `commit ${NOTES}\ncommitter ${name} <${email}> ${Math.floor(Date.now() / 1000)} +0000\n`,
      data('Statuses by Slipway\n'),
      ...(isThere ? [`from ${NOTES}^0\n`] : []),
      ...[...notes].map(([commit, text]) => `N inline ${commit}\n${data(text)}`),
    ];
    await this.#mirror.git.run(['fast-import', '--quiet'], { input: parts.join('') });
  }
}

function lineOf({ context, state, description, targetUrl }: CommitStatus, atMs: number): string {
  const at = new Date(atMs).toISOString();
  const line: NoteLine = { context, state, description, at, ...(targetUrl === undefined ? {} : { url: targetUrl }) };
  return JSON.stringify(line);
}

/** A line that somebody else wrote keeps its place. */
function contextOf(line: string): string {
  try {
    return String((JSON.parse(line) as NoteLine).context);
  } catch {
    return line;
  }
}
