import { DomainError } from '#domain/errors';

/** Forges that take statuses of commits. */
export type Forge = 'github' | 'gitea' | 'gitlab';

/**
 * The base of a forge's API for one repository.
 *
 * @param url of the repository as people open it (`https://github.com/acme/models`), or of the API itself where that is somewhere else.
 * @throws INPUT_INVALID when the URL names no repository.
 */
export function repositoryApi(forge: Forge, url: string): string {
  const parsed = URL.parse(url);
  const path = parsed?.pathname.replace(/\.git$/, '').replace(/^\/+|\/+$/g, '') ?? '';
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || !path.includes('/')) {
    throw new DomainError(
      'INPUT_INVALID',
      `${JSON.stringify(url)} is not the URL of a repository: https://<host>/<owner>/<name> is expected`,
    );
  }
  if (/(^|\/)api\/v\d+\//.test(path) || parsed.hostname === 'api.github.com') return `${parsed.origin}/${path}`;
  switch (forge) {
    case 'github': {
      const base = parsed.hostname === 'github.com' ? 'https://api.github.com' : `${parsed.origin}/api/v3`;
      return `${base}/repos/${path}`;
    }
    case 'gitea': {
      // Gitea may stand below a path of its own; the last two words are owner and name.
      const words = path.split('/');
      const root = [parsed.origin, ...words.slice(0, -2)].join('/');
      return `${root}/api/v1/repos/${words.slice(-2).join('/')}`;
    }
    case 'gitlab':
      return `${parsed.origin}/api/v4/projects/${encodeURIComponent(path)}`;
  }
}
