import type { PeerCertificate } from 'node:tls';
import { beforeEach, describe, expect, it } from 'vitest';
import { compilePolicies, trustedProxies } from '#adapters/casl';
import { AccessControl, Authenticator, type Denial, PoliciesInForce, StandingRefusals } from '#application/access';
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
let policies: PoliciesInForce;
let clockMs: number;
let told: Denial[];
let denials: StandingRefusals;
let admit: ReturnType<typeof gatewayAdmission>;
beforeEach(() => {
  clockMs = 0;
  const nowMs = () => 0;
  verify = async () => {
    throw new DomainError('TOKEN_ISSUER_UNAVAILABLE', 'the issuer is out of reach');
  };
  const authenticator = new Authenticator({ tokens: { verify: () => verify() }, sha256: (text) => text, nowMs });
  policies = new PoliciesInForce(compilePolicies);
  inForce(policy);
  const lastResort = compilePolicies([]);
  told = [];
  const onDenied = (denial: Denial) => told.push(denial);
  denials = new StandingRefusals(() => clockMs);
  const proxies = trustedProxies(['10.0.0.0/8']);
  const parts = { authenticator, policies, lastResort, nowMs, proxies, onDenied };
  admit = gatewayAdmission(new AccessControl(parts), denials);
});

function inForce(one: Policy): void {
  policies.take({ name: one.name, documents: [{ file: 'g.yaml', parsed: { kind: 'policy', policy: one } }] });
}

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
  expect(await behind('203.0.113.7, 198.51.100.9')).toMatchObject({ code: 16 });
  expect(await behind('203.0.113.7', '198.51.100.9')).toMatchObject({ code: 16 });
});

it('others are told why they are refused, as gRPC says it', async () => {
  expect(await admit(shown)).toEqual({
    code: 16,
    message: 'UNAUTHENTICATED: gateway.attach is not for everybody: show an API key or a token',
  });
  expect(await admit({ ...shown, certificate: certificateFor('spiffe://example.org/shop') })).toEqual({
    code: 7,
    message:
      'ACCESS_DENIED: workload spiffe://example.org/shop may not gateway.attach on the installation: no policy allows it',
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

describe('a gateway that is denied and asks again', () => {
  const edge = { ...shown, certificate: certificateFor('spiffe://example.org/shop') };
  const other = { ...edge, peer: '10.0.0.2' };
  /** Asks again and again, every five seconds. */
  const ask = async (gateway: typeof edge, times: number) => {
    for (let time = 0; time < times; time += 1) {
      clockMs += 5000;
      expect(await admit(gateway)).toMatchObject({ code: 7 });
      denials.tend();
    }
  };
  const counts = () => told.map(({ ruleId, repeats }) => [ruleId, repeats?.count]);
  const denial: Policy = {
    ...policy,
    name: 'embargo',
    rules: [
      {
        name: 'all',
        effect: 'deny',
        subjects: [{ kind: 'everyone' }],
        actions: ['gateway.attach'],
        where: [],
        when: [],
      },
    ],
  };

  it('is told of once, whatever else comes', async () => {
    await ask(edge, 100);
    await ask(other, 1);
    await ask(edge, 100);
    expect(counts()).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(told.map(({ principal }) => principal.id)).toEqual([
      'spiffe://example.org/shop',
      'spiffe://example.org/shop',
    ]);
  });

  it('is told of again for another reason, with how often there was the one before', async () => {
    await ask(edge, 4);
    inForce(denial);
    await ask(edge, 2);
    expect(counts()).toEqual([
      [undefined, undefined],
      [undefined, 3],
      [expect.stringMatching('embargo/rules'), undefined],
    ]);
    expect(told[1]?.repeats).toEqual({ count: 3, firstAtMs: 10_000, lastAtMs: 20_000 });
  });

  it('is told of for the last time when it is let in, and anew when it is denied after that', async () => {
    await ask(edge, 3);
    inForce({ ...policy, bindings: [{ role: 'gateway', subjects: [{ kind: 'everyone' }], when: [] }] });
    expect(await admit(edge)).toBeUndefined();
    expect(await admit(edge)).toBeUndefined();
    expect(counts()).toEqual([
      [undefined, undefined],
      [undefined, 2],
    ]);
    inForce(policy);
    await ask(edge, 1);
    expect(counts()[2]).toEqual([undefined, undefined]);
  });

  it('is told of every hour, when it has given up, and at the end', async () => {
    await ask(edge, 721);
    expect(counts()).toEqual([
      [undefined, undefined],
      [undefined, 720],
    ]);
    await ask(edge, 7);
    clockMs += 600_000;
    await ask(other, 3);
    expect(counts().slice(2)).toEqual([
      [undefined, undefined],
      [undefined, 7],
    ]);
    denials.close();
    expect(counts().slice(4)).toEqual([[undefined, 2]]);
  });
});
