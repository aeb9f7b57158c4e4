import { FollowedFiles } from './followed-files.ts';
import { authoritiesIn, type Identity, identityOf, type NamedFile, type PemFile, revocationsIn } from './pem-file.ts';

/** What a server needs for TLS. */
export interface ServerMaterial {
  readonly identity: Identity;
  /** Who issues the certificates of clients (PEM), where those are asked for. */
  readonly clientAuthorities: string | undefined;
  /** Which of them are revoked (PEM). */
  readonly revocations: string | undefined;
}

/** Where it lies. */
export interface ServerFiles {
  readonly certificate: NamedFile;
  readonly key: NamedFile;
  readonly clientAuthorities: NamedFile | undefined;
  readonly revocations: NamedFile | undefined;
}

type Contents = Readonly<Record<keyof ServerFiles, PemFile | undefined>>;

/** @throws TlsMaterialError */
export function followServerFiles(
  files: ServerFiles,
  nowMs: () => number,
): FollowedFiles<keyof ServerFiles, ServerMaterial> {
  return new FollowedFiles({ ...files }, ({ certificate, key, clientAuthorities, revocations }: Contents) => ({
    identity: identityOf(certificate as PemFile, key as PemFile, nowMs()),
    clientAuthorities: clientAuthorities && authoritiesIn(clientAuthorities),
    revocations: revocations && revocationsIn(revocations),
  }));
}
