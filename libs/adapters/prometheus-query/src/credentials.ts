import { readFile } from 'node:fs/promises';

/** How to show who asks. Files are read for each question, because tokens are replaced while programs run. */
export interface CredentialFiles {
  /** Holds a bearer token; goes before the user. */
  readonly tokenFile: string | undefined;
  readonly user: string | undefined;
  /** Holds the user's password; absent: an empty one. */
  readonly passwordFile: string | undefined;
}

/**
 * The `authorization` header; `undefined` without any credentials.
 *
 * @throws Error naming a file that cannot be read or holds no token, never what it holds.
 */
export async function authorizationOf({ tokenFile, user, passwordFile }: CredentialFiles): Promise<string | undefined> {
  if (tokenFile !== undefined) {
    const token = await readSecret(tokenFile);
    // A header that cannot be sent would be told with all its text.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(`${tokenFile} holds no bearer token: one line of visible ASCII`);
    return `Bearer ${token}`;
  }
  if (user === undefined) return undefined;
  const password = passwordFile === undefined ? '' : await readSecret(passwordFile);
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function readSecret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
