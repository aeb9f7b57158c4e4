import { createHmac } from 'node:crypto';

/**
 * The `slipway-signature` header: `t=<unix seconds>,v1=<hex>`, where the hex digits are the HMAC-SHA-256 of the seconds, a dot and the
 * body. The time is signed, too, so that a hook can refuse what somebody recorded and sends again.
 */
export function signBody(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
