import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from './webhook-signature.ts';

const NOW_MS = 1_674_087_231_000;
const body = Buffer.from('{"ref":"refs/heads/main","größe":1}');
const secret = 'It’s a Secret to Everybody';
const hex = (key: string | Buffer, of: Buffer | string) => createHmac('sha256', key).update(of).digest('hex');
const verdictOf = (headers: Record<string, string>, with_ = secret, of = body) =>
  verifyWebhook({ headers, body: of }, with_, NOW_MS).kind;

describe('verifyWebhook', () => {
  it('agrees with the example that GitHub publishes', () => {
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const headers = { 'x-hub-signature-256': signature };
    expect(verdictOf(headers, "It's a Secret to Everybody", Buffer.from('Hello, World!'))).toBe('valid');
  });

  it('agrees with the example that Standard Webhooks publishes', () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const webhook = { headers, body: Buffer.from('{"test": 2432232314}') };
    const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(verifyWebhook(webhook, key, 1_614_265_330_000)).toEqual({ kind: 'valid' });
    expect(verifyWebhook(webhook, key, 1_614_265_330_000 + 301_000).kind).toBe('refused');
  });

  it.each([
    ['GitHub', { 'x-hub-signature-256': `sha256=${hex(secret, body)}` }],
    ['Gitea', { 'x-gitea-signature': hex(secret, body) }],
    ['Forgejo', { 'x-forgejo-signature': hex(secret, body) }],
    ['GitLab', { 'x-gitlab-token': secret }],
  ])('takes what %s sends with the secret, and nothing else', (_, headers) => {
    expect(verdictOf(headers)).toBe('valid');
    expect(verdictOf(headers, 'another')).toBe('refused');
    const [[name = '', value = ''] = []] = Object.entries(headers);
    for (const wrong of ['', `${value}0`, value.slice(1), value.toUpperCase()]) {
      expect(verdictOf({ [name]: wrong })).toBe('refused');
    }
  });

  it('refuses a signature of another body', () => {
    expect(verdictOf({ 'x-gitea-signature': hex(secret, `${body} `) })).toBe('refused');
  });

  it('takes one of several keys, while one takes over from the other', () => {
    const [id, seconds] = ['msg_1', String(NOW_MS / 1000)];
    const sign = (key: string) => createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    const headersOf = (signature: string) => ({
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signature,
    });
    expect(verdictOf(headersOf(`v1,${sign('old')} v1,${sign(secret)}`))).toBe('valid');
    expect(verdictOf(headersOf(`v1,${sign('old')} v2,${sign(secret)}`))).toBe('refused');
    const { 'webhook-id': _, ...withoutId } = headersOf(`v1,${sign(secret)}`);
    expect(verdictOf(withoutId)).toBe('refused');
    expect(verdictOf({ ...headersOf(`v1,${sign(secret)}`), 'webhook-timestamp': 'soon' })).toBe('refused');
  });

  it('does not let a good signature make up for a bad one', () => {
    const headers = { 'x-hub-signature-256': 'sha256=00', 'x-gitea-signature': hex(secret, body) };
    expect(verdictOf(headers)).toBe('refused');
  });

  it('says what is missing', () => {
    expect(verifyWebhook({ headers: {}, body }, secret, NOW_MS)).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/not signed: set the secret at the sender; one of .*x-hub-signature-256/),
    });
  });
});
