import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { CompiledPolicies } from './ability.ts';
import type { AccessDocuments } from './access-documents.ts';
import { Authenticator } from './authenticator.ts';
import { FollowAccess } from './follow-access.ts';
import { PoliciesInForce, type PolicyStatus } from './policies-in-force.ts';

const documentsOf = (revision: string, text: string): AccessDocuments => ({
  policies: { revision, files: [{ path: 'a.yaml', text }] },
  keys: [],
});

let source: { documents: AccessDocuments; tag: string } | 'gone';
let kept: AccessDocuments | undefined;
let isDiskFull: boolean;
let told: (PolicyStatus | string)[];
let policies: PoliciesInForce;
let follow: FollowAccess;
beforeEach(() => {
  source = { documents: { policies: undefined, keys: [] }, tag: '0' };
  kept = undefined;
  isDiskFull = false;
  told = [];
  policies = new PoliciesInForce((rules) => ({ rules }) as unknown as CompiledPolicies);
  follow = new FollowAccess({
    source: {
      read: async (tag) => {
        if (source === 'gone') throw new DomainError('STORE_UNAVAILABLE', 'gone');
        return source.tag === tag ? undefined : source;
      },
    },
    memory: {
      load: async () => kept,
      save: async (documents) => {
        if (isDiskFull) throw new Error('ENOSPC');
        kept = documents;
      },
    },
    parser: {
      parse: (text) =>
        text === 'broken'
          ? [{ kind: 'invalid', name: undefined, message: 'line 1' }]
          : [{ kind: 'policy', policy: { name: text, roles: [], bindings: [], rules: [] } }],
    },
    policies,
    authenticator: new Authenticator({ tokens: undefined, sha256: (text) => text, nowMs: () => 0 }),
    onPolicies: (status) => told.push(status),
    onUnkept: (error) => told.push((error as Error).message),
  });
});

const inForce = () => policies.policies.map(({ name }) => name);

describe('following what decides over access', () => {
  it('takes what is new, once, and keeps it', async () => {
    source = { documents: documentsOf('one', 'first'), tag: '1' };
    await follow.look();
    await follow.look();
    expect(inForce()).toEqual(['first']);
    expect(told).toEqual([{ inForce: 'one', refused: undefined }]);
    expect(kept).toEqual(documentsOf('one', 'first'));
  });

  it('leaves the last good policies in force beside new ones that are broken', async () => {
    source = { documents: documentsOf('one', 'first'), tag: '1' };
    await follow.look();
    source = { documents: documentsOf('two', 'broken'), tag: '2' };
    await follow.look();
    expect(inForce()).toEqual(['first']);
    expect(told[1]).toEqual({ inForce: 'one', refused: { revision: 'two', problems: ['a.yaml: line 1'] } });
  });

  it('begins with what was kept, and goes on without the source', async () => {
    kept = documentsOf('one', 'first');
    source = 'gone';
    await follow.recall();
    expect(inForce()).toEqual(['first']);
    await expect(follow.look()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(inForce()).toEqual(['first']);
    source = { documents: documentsOf('two', 'second'), tag: '2' };
    await follow.look();
    expect(inForce()).toEqual(['second']);
  });

  it('takes policies that cannot be kept', async () => {
    isDiskFull = true;
    source = { documents: documentsOf('one', 'first'), tag: '1' };
    await follow.look();
    expect(inForce()).toEqual(['first']);
    expect(told).toEqual([{ inForce: 'one', refused: undefined }, 'ENOSPC']);
  });

  it('ends what is no longer published', async () => {
    source = { documents: documentsOf('one', 'first'), tag: '1' };
    await follow.look();
    source = { documents: { policies: undefined, keys: [] }, tag: '2' };
    await follow.look();
    expect(inForce()).toEqual([]);
  });
});
