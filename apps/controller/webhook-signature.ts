import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whether a webhook comes from somebody who has the secret. */
export type WebhookVerdict = { readonly kind: 'valid' } | { readonly kind: 'refused'; readonly reason: string };

/** What a forge sent. */
export interface SignedWebhook {
  readonly headers: IncomingHttpHeaders;
  /** As it came: a signature is of bytes. */
  readonly body: Buffer;
}

interface Scheme {
  readonly header: string;
  readonly isValid: (value: string, webhook: SignedWebhook, secret: string, nowMs: number) => boolean;
}

const VALID: WebhookVerdict = { kind: 'valid' };
/** How far a signed time may be from ours: what Standard Webhooks recommends. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * The ways in which forges sign, the strongest first: where a forge sends several, the first decides, and a bad one is not made good by
 * another.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (GitLab, signing token)
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (GitHub, Gitea, Forgejo, the embedded repository)
 * @see https://docs.gitea.com/usage/webhooks (Gitea, Forgejo)
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/ (GitLab, secret token)
 */
const SCHEMES: readonly Scheme[] = [
  { header: 'webhook-signature', isValid: hasStandardSignature },
  {
    header: 'x-hub-signature-256',
    isValid: (value, { body }, secret) => isEqual(value, `sha256=${hex(secret, body)}`),
  },
  { header: 'x-forgejo-signature', isValid: (value, { body }, secret) => isEqual(value, hex(secret, body)) },
  { header: 'x-gitea-signature', isValid: (value, { body }, secret) => isEqual(value, hex(secret, body)) },
  { header: 'x-gitlab-token', isValid: (value, _webhook, secret) => isEqual(value, secret) },
];

/** Compares in constant time. */
export function verifyWebhook(webhook: SignedWebhook, secret: string, nowMs: number): WebhookVerdict {
  for (const { header, isValid } of SCHEMES) {
    const value = webhook.headers[header];
    if (typeof value !== 'string') continue;
    if (isValid(value, webhook, secret, nowMs)) return VALID;
    return {
      kind: 'refused',
      reason: `${header} does not fit: the sender has another secret, or the body was changed`,
    };
  }
  const names = SCHEMES.map(({ header }) => header).join(', ');
  return {
    kind: 'refused',
    reason: `the webhook is not signed: set the secret at the sender; one of ${names} is needed`,
  };
}

/** Several signatures with spaces between them are several keys, while one takes over from the other. */
function hasStandardSignature(value: string, { headers, body }: SignedWebhook, secret: string, nowMs: number): boolean {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (typeof id !== 'string' || typeof timestamp !== 'string') return false;
  if (!(Math.abs(nowMs - Number(timestamp) * 1000) <= TOLERANCE_MS)) return false;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return value.split(' ').some((signature) => isEqual(signature, `v1,${expected}`));
}

function hex(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Compares hashes of both, which have the same length whatever was sent. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
