import type { CommitStatus, CommitStatusPublisher } from '#application/rollout';
import { DomainError } from '#domain/errors';
import { type Forge, repositoryApi } from './repository-api.ts';

/** Where statuses go. */
export interface ForgeStatusOptions {
  readonly forge: Forge;
  /** The repository as people open it, or its API. */
  readonly url: string;
  /** May set statuses of commits (GitHub: `statuses: write`; Gitea: `write:repository`; GitLab: `api`). */
  readonly token: string;
}

interface StatusRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

const TIMEOUT_MS = 10_000;
const GITLAB_STATES = { pending: 'pending', success: 'success', failure: 'failed', error: 'failed' } as const;

/**
 * Sets statuses of commits by a forge's REST API.
 *
 * @see https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
 * @see https://docs.gitea.com/api (`repoCreateStatus`; Forgejo has the same)
 * @see https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
 */
export class ForgeStatusPublisher implements CommitStatusPublisher {
  readonly maxConcurrent = 4;
  readonly #forge: Forge;
  readonly #api: string;
  readonly #token: string;

  /** @throws INPUT_INVALID when the URL names no repository. */
  constructor({ forge, url, token }: ForgeStatusOptions) {
    this.#forge = forge;
    this.#api = repositoryApi(forge, url);
    this.#token = token;
  }

  /** @throws SOURCE_UNAVAILABLE with the forge's answer. */
  async publish(status: CommitStatus): Promise<void> {
    const { url, headers, body } = this.#requestOf(status);
    const reply = await this.#post(url, headers, body);
    if (reply.ok) return;
    const text = (await reply.text()).slice(0, 300);
    // GitLab refuses to set the state that a status has already: it is as it shall be.
    if (this.#forge === 'gitlab' && reply.status === 400 && /cannot transition status/i.test(text)) return;
    throw new DomainError('SOURCE_UNAVAILABLE', `${this.#forge} answered ${reply.status} to the status: ${text}`);
  }

  async #post(url: string, headers: StatusRequest['headers'], body: object): Promise<Response> {
    try {
      return await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'slipway', ...headers },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause.message : message;
      throw new DomainError('SOURCE_UNAVAILABLE', `${this.#forge} cannot be reached: ${why}`, {}, { cause: error });
    }
  }

  #requestOf({ commit, context, state, description, targetUrl }: CommitStatus): StatusRequest {
    const common = { description, ...(targetUrl === undefined ? {} : { target_url: targetUrl }) };
    const url = `${this.#api}/statuses/${commit}`;
    switch (this.#forge) {
      case 'github':
        return {
          url,
          headers: {
            accept: 'application/vnd.github+json',
            'x-github-api-version': '2022-11-28',
            authorization: `Bearer ${this.#token}`,
          },
          body: { state, context, ...common },
        };
      case 'gitea':
        return { url, headers: { authorization: `token ${this.#token}` }, body: { state, context, ...common } };
      case 'gitlab':
        return {
          url,
          headers: { 'private-token': this.#token },
          body: { state: GITLAB_STATES[state], name: context, ...common },
        };
    }
  }
}
