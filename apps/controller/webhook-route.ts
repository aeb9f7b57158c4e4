import type { FastifyInstance } from 'fastify';
import type { Reconciler, StrayCommit } from '#application/rollout';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_PATHS = 1000;

/**
 * The webhook. Whatever a forge sends only makes the next look at the repository immediate: what is deployed is read from Git, never
 * from the body. The embedded repository's own hook also tells of pushes that it refused.
 */
export function registerWebhook(
  fastify: FastifyInstance,
  reconciler: Reconciler,
  deployedBranch: string,
  pollNow: () => void,
): void {
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.post('/hooks/git', async (request, reply) => {
      const stray = refusedPush(request.body);
      if (stray === undefined) pollNow();
      else reconciler.reportStray(stray, deployedBranch);
      return reply.code(202).send({ accepted: true });
    });
  });
}

function refusedPush(body: unknown): StrayCommit | undefined {
  try {
    const { event, ref, commit, paths } = JSON.parse(String(body)) as Record<string, unknown>;
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
