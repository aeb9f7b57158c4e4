import { DomainError } from '#domain/errors';

/** Where manifests are. */
export interface Location {
  readonly url: string;
  readonly branch: string;
  readonly path: string;
}

/** @throws INPUT_INVALID for words that git could take for something else than what they are. */
export function assertSafe({ url, branch, path }: Location): void {
  const isBranch = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(branch) && !branch.endsWith('.lock');
  if (!isBranch) throw new DomainError('INPUT_INVALID', `${JSON.stringify(branch)} is not a branch's name`);
  const isUrl = /^(https:\/\/|ssh:\/\/|file:\/\/|\/|\.{0,2}[A-Za-z0-9_][^:]*$|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:)/.test(
    url,
  );
  // A host that begins with a dash would be an option of ssh.
  const isOption = url.startsWith('-') || /^([a-z]+:\/\/)?([^/@]*@)?-/.test(url);
  if (!isUrl || isOption || /[\r\n\0]/.test(url)) {
    throw new DomainError(
      'INPUT_INVALID',
      `${JSON.stringify(url)} is not a path, nor an https or ssh URL of a repository`,
    );
  }
  if (path.startsWith('/') || path.startsWith('-') || path.split('/').includes('..')) {
    throw new DomainError('INPUT_INVALID', `${JSON.stringify(path)} is not a folder inside the repository`);
  }
}
