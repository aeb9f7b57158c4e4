import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DomainError } from '#domain/errors';
import type { GitProgram } from './git-program.ts';

/** Whose signatures count. */
export interface VerificationOptions {
  /** `none`: nobody's is asked for. `head`: the newest commit's. `every`: that of each commit since the last accepted one. */
  readonly mode: 'none' | 'head' | 'every';
  /** Path of an allowed-signers file of OpenSSH. */
  readonly allowedSigners?: string | undefined;
  /** Path of a file with OpenPGP public keys. */
  readonly keyring?: string | undefined;
  /** Folder of ours into which the keys are imported; the user's own keyring is not looked at. */
  readonly gnupgHome: string;
}

/** A commit that is not taken. */
export interface Unverified {
  readonly commit: string;
  /** What is wrong, as the end of a sentence that begins with the commit. */
  readonly reason: string;
}

const NOBODY = '/dev/null';

/**
 * Checks signatures of commits against keys that the operator holds, outside of the repository.
 *
 * @see https://git-scm.com/docs/git-verify-commit, https://man.openbsd.org/ssh-keygen#ALLOWED_SIGNERS
 */
export class CommitVerifier {
  readonly #options: VerificationOptions;
  readonly #git: GitProgram;
  #imported = '';

  /** @throws INPUT_INVALID when signatures are asked for and nobody's would count. */
  constructor(options: VerificationOptions, git: GitProgram) {
    if (options.mode !== 'none' && options.allowedSigners === undefined && options.keyring === undefined) {
      throw new DomainError(
        'INPUT_INVALID',
        'commits must be signed, but nobody may sign: set SLIPWAY_GIT_ALLOWED_SIGNERS or SLIPWAY_GIT_GPG_KEYRING',
      );
    }
    this.#options = options;
    this.#git = git;
  }

  /**
   * Identity of the keys as they are now: when it changes, what was refused may pass.
   *
   * @throws SOURCE_UNAVAILABLE when a file of keys cannot be read.
   */
  async keys(): Promise<string> {
    const { mode, allowedSigners, keyring } = this.#options;
    if (mode === 'none') return '';
    return `${await identityOf(allowedSigners)} ${await identityOf(keyring)}`;
  }

  /** Answers the newest commit that does not pass; `undefined` when all do that have to. */
  async check(head: string, accepted: string | undefined): Promise<Unverified | undefined> {
    const { mode, allowedSigners, gnupgHome } = this.#options;
    if (mode === 'none') return undefined;
    await this.#importKeys();
    const isAll = mode === 'every' && accepted !== undefined && accepted !== head;
    const range = isAll ? [head, `^${accepted}`] : ['--no-walk', head];
    const listing = await this.#git.text(['log', '--format=%H%x00%G?%x00%GS%x00%GK%x00%GF', ...range], {
      environment: { GNUPGHOME: gnupgHome },
      config: [
        `gpg.ssh.allowedSignersFile=${allowedSigners ?? NOBODY}`,
        'gpg.ssh.program=ssh-keygen',
        'gpg.program=gpg',
        'gpg.x509.program=false',
      ],
    });
    for (const line of listing.split('\n').filter((text) => text !== '')) {
      const [commit = '', verdict = '', signer = '', key = '', fingerprint = ''] = line.split('\0');
      const reason = refusalOf(verdict, signer, fingerprint || key);
      if (reason !== undefined) return { commit, reason };
    }
    return undefined;
  }

  /** A keyring that changed makes a new folder: keys that are not in the file any more must not count. */
  async #importKeys(): Promise<void> {
    const { keyring, gnupgHome } = this.#options;
    const identity = await identityOf(keyring);
    if (identity === this.#imported) return;
    await rm(gnupgHome, { recursive: true, force: true });
    await mkdir(gnupgHome, { recursive: true, mode: 0o700 });
    // The file says whom to trust; there is no web of trust to ask.
    await writeFile(`${gnupgHome}/gpg.conf`, 'trust-model always\nno-autostart\nno-auto-key-retrieve\n');
    if (keyring !== undefined) {
      try {
        await promisify(execFile)('gpg', ['--homedir', gnupgHome, '--batch', '--quiet', '--import', keyring]);
      } catch (error) {
        throw new DomainError('SOURCE_UNAVAILABLE', `the keys in ${keyring} cannot be read: ${textOf(error)}`);
      }
    }
    this.#imported = identity;
  }
}

/** @see https://git-scm.com/docs/pretty-formats, `%G?` */
function refusalOf(verdict: string, signer: string, key: string): string | undefined {
  const by = signer === '' ? `by ${key || 'an unknown key'}` : `by ${signer} (${key})`;
  switch (verdict) {
    case 'G':
      return undefined;
    case 'N':
      return 'is not signed';
    case 'B':
      return `has a signature ${by} that does not fit: it is not what was signed, or the key is not one that counts`;
    case 'U':
      return `is signed ${by}, whose signature does not count here`;
    case 'X':
      return `is signed ${by}, and the signature has expired`;
    case 'Y':
      return `is signed ${by}, and the key has expired`;
    case 'R':
      return `is signed ${by}, and the key was revoked`;
    default:
      return `is signed ${by}, whose key is not known here`;
  }
}

async function identityOf(path: string | undefined): Promise<string> {
  if (path === undefined) return 'none';
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino}/${size}/${mtimeMs}`;
  } catch (error) {
    throw new DomainError('SOURCE_UNAVAILABLE', `the keys in ${path} cannot be read: ${textOf(error)}`);
  }
}

function textOf(error: unknown): string {
  return (error as Error).message;
}
