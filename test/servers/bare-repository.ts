import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A commit as a test looks at it. */
export interface SeenCommit {
  readonly hash: string;
  readonly author: string;
  /** Subject, body and trailers. */
  readonly message: string;
}

/** A bare repository, written and read below every server: one process a commit, however many files it has. */
export class BareRepository {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static create(folder: string): BareRepository {
    mkdirSync(folder, { recursive: true });
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', folder]);
    return new BareRepository(folder);
  }

  get head(): string {
    return this.#git(['rev-parse', '--verify', '--quiet', 'main']).trim();
  }

  /**
   * Commits files to main, on whatever is there now, as a pipeline's bot does.
   *
   * @param files text by path; the others stay as they are.
   * @returns the commit.
   */
  commit(files: Readonly<Record<string, string>>, message = 'Change the deployments'): string {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const commit = this.#import(files, message);
      if (commit !== undefined) return commit;
    }
    throw new Error('main moved on at every attempt to commit');
  }

  /** Commits of main after another one, oldest first. */
  since(commit: string): SeenCommit[] {
    return this.#git(['log', '--reverse', '--format=%H%x00%an%x00%B%x01', `${commit}..main`])
      .split('\u0001\n')
      .filter((text) => text !== '')
      .map((text) => {
        const [hash = '', author = '', body = ''] = text.split('\0');
        return { hash, author, message: body };
      });
  }

  /** Text of a file at the head of main. */
  read(path: string): string {
    return this.#git(['show', `main:${path}`]);
  }

  /** Answers the commit, or nothing when main moved on in between: Git refuses to lose what came. */
  #import(files: Readonly<Record<string, string>>, message: string): string | undefined {
    const hasCommits = this.#git(['for-each-ref', 'refs/heads/main']) !== '';
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const lines = [
      'commit refs/heads/main\nmark :1\n',
      `committer Test <test@example.com> ${Math.floor(Date.now() / 1000)} +0000\n`,
      data(message),
      hasCommits ? `from ${this.head}\n` : '',
      ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
      'get-mark :1\n',
    ];
    try {
      return this.#git(['fast-import', '--quiet'], lines.join('')).trim();
    } catch (error) {
      if (/not updating|cannot lock ref/i.test(String((error as { stderr?: unknown }).stderr))) return undefined;
      throw error;
    }
  }

  #git(args: readonly string[], input = ''): string {
    const options = { encoding: 'utf8', input, stdio: 'pipe', maxBuffer: 64 * 1024 * 1024 } as const;
    return execFileSync('git', [`--git-dir=${this.folder}`, ...args], options);
  }
}
