import type { PeerCertificate } from 'node:tls';
import { beforeEach, expect, it } from 'vitest';
import { compilePolicies, trustedProxies } from '#adapters/casl';
import { AccessControl, Authenticator, PoliciesInForce } from '#application/access';
import type { Policy } from '#domain/access';
import { DomainError } from '#domain/errors';
import { gatewayAdmission } from './gateway-admission.ts';

const SPIFFE_ID = 'spiffe://example.org/edge';
const policy: Policy = {
  name: 'gateways',
  roles: [{ name: 'gateway', extends: [], grants: [{ actions: ['gateway.attach'], where: [] }] }],
  bindings: [{ role: 'gateway', subjects: [{ kind: 'workload', name: SPIFFE_ID }], when: [] }],
  rules: [
    {
      name: 'own network',
      effect: 'allow',
      actions: ['gateway.attach'],
      subjects: [{ kind: 'everyone' }],
      where: [],
      when: [{ kind: 'network', isNegated: false, networks: ['203.0.113.0/24'] }],
    },
  ],
};

let verify: () => Promise<never>;
let admit: ReturnType<typeof gatewayAdmission>;
beforeEach(() => {
  const nowMs = () => 0;
  verify = async () => {
    throw new DomainError('TOKEN_ISSUER_UNAVAILABLE', 'the issuer is out of reach');
  };
  const authenticator = new Authenticator({ tokens: { verify: () => verify() }, sha256: (text) => text, nowMs });
  const policies = new PoliciesInForce(compilePolicies);
  policies.take({ name: 'one', documents: [{ file: 'g.yaml', parsed: { kind: 'policy', policy } }] });
  const lastResort = compilePolicies([]);
  const proxies = trustedProxies(['10.0.0.0/8']);
  const parts = { authenticator, policies, lastResort, nowMs, proxies, onDenied: () => {} };
  admit = gatewayAdmission(new AccessControl(parts));
});

const shown = {
  authorization: undefined,
  certificate: undefined,
  peer: '10.0.0.1',
  forwarding: { forwardedFor: undefined, forwarded: undefined },
};
const certificateFor = (uri: string) =>
  ({ subject: { CN: 'edge' }, subjectaltname: `URI:${uri}` }) as unknown as PeerCertificate;

it('gateways come with what they may attach by, a certificate for instance', async () => {
  expect(await admit({ ...shown, certificate: certificateFor(SPIFFE_ID) })).toBeUndefined();
});

it('gateways are where they call from, or where a trusted proxy says', async () => {
  const behind = (forwardedFor: string, peer = '10.0.0.1') =>
    admit({ ...shown, peer, forwarding: { forwardedFor, forwarded: undefined } });
  expect(await behind('203.0.113.7')).toBeUndefined();
  expect(await behind('203.0.113.7, 198.51.100.9')).toMatchObject({ code: 7 });
  expect(await behind('203.0.113.7', '198.51.100.9')).toMatchObject({ code: 7 });
});

it('others are told why they are refused, as gRPC says it', async () => {
  expect(await admit(shown)).toEqual({
    code: 7,
    message:
      'ACCESS_DENIED: whoever does not say who they are may not gateway.attach on the installation: no policy allows it',
  });
  expect(await admit({ ...shown, certificate: certificateFor('spiffe://example.org/shop') })).toMatchObject({
    code: 7,
  });
  expect(await admit({ ...shown, authorization: 'Basic YTpi' })).toMatchObject({
    code: 16,
    message: expect.stringMatching(/^UNAUTHENTICATED: the header authorization must be: Bearer/),
  });
  expect(await admit({ ...shown, authorization: 'Bearer a.b.c' })).toMatchObject({ code: 14 });
});

it('a failure of ours lets nobody in', async () => {
  verify = async () => {
    throw new TypeError('a bug');
  };
  expect(await admit({ ...shown, authorization: 'Bearer a.b.c' })).toMatchObject({ code: 13 });
});
