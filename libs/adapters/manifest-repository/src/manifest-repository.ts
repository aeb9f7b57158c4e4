import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DomainError } from '#domain/errors';

/** A change of one manifest. */
export interface ManifestChange {
  /** Path in the repository. */
  readonly file: string;
  /** The new text, given the present one; `undefined` when there is no such file. */
  readonly edit: (current: string | undefined) => string;
  readonly message: string;
}

/** What became of a change. */
export interface ManifestCommit {
  readonly commit: string;
  /** False when the file had the text already: nothing was committed, and `commit` is the branch's head. */
  readonly isNew: boolean;
}

const MAX_PUSH_ATTEMPTS = 3;
const AUTHOR_FALLBACK = ['-c', 'user.name=Slipway CLI', '-c', 'user.email=slipway@localhost'];

/** A Git repository of manifests, as a person works with it: clone, edit, commit, push. */
export class ManifestRepository {
  readonly #url: string;
  readonly #branch: string;

  /** @param url a path, or an https or ssh URL. */
  constructor(url: string, branch: string) {
    if (url.startsWith('-') || branch.startsWith('-')) {
      throw new DomainError(
        'INPUT_INVALID',
        `${JSON.stringify(url)} and ${JSON.stringify(branch)} must be a repository and a branch`,
      );
    }
    this.#url = url;
    this.#branch = branch;
  }

  /**
   * Commits a change and pushes it. When somebody else pushed first, the change is made again on what they left.
   *
   * @throws SOURCE_UNAVAILABLE when the repository cannot be read
   * @throws WRITE_BACK_REFUSED with the repository's own words when it refuses the push
   */
  async commit(change: ManifestChange): Promise<ManifestCommit> {
    for (let attempt = 1; ; attempt += 1) {
      const clone = await mkdtemp(join(tmpdir(), 'slipway-manifests-'));
      try {
        return await this.#commitIn(clone, change);
      } catch (error) {
        const isRace = /fetch first|non-fast-forward|cannot lock ref/.test((error as Error).message);
        if (!isRace || attempt === MAX_PUSH_ATTEMPTS) throw error;
      } finally {
        await rm(clone, { recursive: true, force: true });
      }
    }
  }

  /** The whole message of a commit on the branch. */
  async messageOf(commit: string): Promise<string> {
    const clone = await mkdtemp(join(tmpdir(), 'slipway-manifests-'));
    try {
      await git(clone, ['clone', '--quiet', '--bare', '--branch', this.#branch, '--', this.#url, '.']);
      return await git(clone, ['show', '--no-patch', '--format=%B', commit, '--']);
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  }

  async #commitIn(clone: string, { file, edit, message }: ManifestChange): Promise<ManifestCommit> {
    await git(clone, ['clone', '--quiet', '--depth', '1', '--', this.#url, '.']);
    await git(clone, ['checkout', '--quiet', '-B', this.#branch]);
    const path = join(clone, file);
    const current = await readFile(path, 'utf8').catch(() => undefined);
    const text = edit(current);
    if (text === current) return { commit: await git(clone, ['rev-parse', 'HEAD']), isNew: false };
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await git(clone, ['add', '--', file]);
    const author = (await hasIdentity(clone)) ? [] : AUTHOR_FALLBACK;
    await git(clone, [...author, 'commit', '--quiet', '--message', message]);
    await push(clone, this.#branch);
    return { commit: await git(clone, ['rev-parse', 'HEAD']), isNew: true };
  }
}

async function push(clone: string, branch: string): Promise<void> {
  // Advice would come last, and push the reason out of the lines that are kept.
  const withoutAdvice = ['-c', 'advice.pushUpdateRejected=false'];
  const target = ['--quiet', 'origin', `HEAD:refs/heads/${branch}`];
  const { status, stderr } = await run(clone, [...withoutAdvice, 'push', ...target]);
  if (status === 0) return;
  const words = stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.slice('remote: '.length).trim())
    .filter((line) => line !== '' && !line.startsWith('error: hook declined'));
  const reason = words.length > 0 ? words.join(' ') : stderr.trim().split('\n').slice(-3).join(' ');
  throw new DomainError('WRITE_BACK_REFUSED', `the repository refused the push: ${reason}`);
}

async function hasIdentity(clone: string): Promise<boolean> {
  return (await run(clone, ['config', 'user.email'])).status === 0;
}

async function git(directory: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(directory, args);
  if (status === 0) return stdout.trim();
  const reason = stderr.trim().split('\n').at(-1) ?? `status ${status}`;
  throw new DomainError('SOURCE_UNAVAILABLE', `git ${args.find((word) => !word.startsWith('-'))} failed: ${reason}`);
}

function run(cwd: string, args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) =>
      reject(new DomainError('SOURCE_UNAVAILABLE', `git cannot be run: ${error.message}`)),
    );
    child.once('close', (code) => resolve({ status: code ?? 1, stdout, stderr }));
  });
}
