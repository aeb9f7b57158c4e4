import type { FastifyInstance } from 'fastify';
import type { Reconciler, StrayCommit } from '#application/rollout';
import { verifyWebhook } from './webhook-signature.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_PATHS = 1000;

/** What a webhook leads to. */
export interface WebhookParts {
  readonly reconciler: Reconciler;
  readonly deployedBranch: string;
  /** Shared with the senders; without it everybody may say that there is something new. */
  readonly secret: string | undefined;
  /** Whether what is said without a signature is believed. */
  readonly isOpen: boolean;
  readonly pollNow: () => void;
}

/**
 * The webhook. Whatever a forge sends only makes the next look at the repository immediate: what is deployed is read from Git, never
 * from the body, and a webhook that is sent again does no more than that. The embedded repository's own hook also tells of pushes that
 * it refused; that becomes an event of deployments, and so it is not believed of just anybody where policies decide.
 */
export function registerWebhook(
  fastify: FastifyInstance,
  { reconciler, deployedBranch, secret, isOpen, pollNow }: WebhookParts,
): void {
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Body: Buffer | undefined }>('/hooks/git', async ({ headers, body = Buffer.alloc(0) }, reply) => {
      const verdict = secret === undefined ? undefined : verifyWebhook({ headers, body }, secret, Date.now());
      if (verdict?.kind === 'refused') return reply.code(401).send({ error: verdict.reason });
      const stray = secret !== undefined || isOpen ? refusedPush(body) : undefined;
      if (stray === undefined) pollNow();
      else reconciler.reportStray(stray, deployedBranch);
      return reply.code(202).send({ accepted: true });
    });
  });
}

function refusedPush(body: Buffer): StrayCommit | undefined {
  try {
    const { event, ref, commit, paths } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    const isValid =
      event === 'refused' &&
      typeof ref === 'string' &&
      /^refs\/heads\/[^\0-\x20]{1,200}$/.test(ref) &&
      typeof commit === 'string' &&
      /^[0-9a-f]{40,64}$/.test(commit) &&
      Array.isArray(paths);
    if (!isValid) return undefined;
    const texts = paths.slice(0, MAX_PATHS).filter((path): path is string => typeof path === 'string');
    return { branch: ref.replace('refs/heads/', ''), commit, paths: texts };
  } catch {
    return undefined;
  }
}
