import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Caller } from '#application/access';
import { DomainError } from '#domain/errors';
import { admitCall, type CallEnd } from './grpc-infer.ts';
import type { RestParts } from './serving-parts.ts';

const asked = { headers: {}, peer: { address: '192.0.2.1', certificate: undefined }, isGone: () => false };
const ada = {} as Caller;
const stranger = () => new DomainError('UNAUTHENTICATED', 'there is no such API key');

/** What comes of a call whose sender is found out in the given way. */
async function admitted(callerOf: () => Caller | Promise<Caller> | undefined) {
  const ends: CallEnd[] = [];
  const failures: unknown[] = [];
  const callers: (Caller | undefined)[] = [];
  const telemetry = { begin: () => ({ failed: (error: unknown) => failures.push(error), traceparent: undefined }) };
  const parts = { access: { callerOf }, telemetry, logger: { error: () => {} } } as unknown as RestParts;
  const whenAdmitted = admitCall(asked, parts, (end) => ends.push(end));
  whenAdmitted((caller) => callers.push(caller));
  await new Promise(setImmediate);
  return { ends, failures, callers };
}

describe('who makes a call', () => {
  it.each([
    ['known', () => ada, ada],
    ['found out', () => Promise.resolve(ada), ada],
    ['not asked', () => undefined, undefined],
  ])('is handed over when it is %s', async (_, callerOf, caller) => {
    expect(await admitted(callerOf)).toEqual({ ends: [], failures: [], callers: [caller] });
  });

  it.each([
    [
      'at once',
      () => {
        throw stranger();
      },
    ],
    ['when it is found out', () => Promise.reject(stranger())],
  ])('is refused once, and recorded once, %s', async (_, callerOf) => {
    const { ends, failures, callers } = await admitted(callerOf);
    expect(ends).toMatchObject([{ frame: undefined, code: status.UNAUTHENTICATED }]);
    expect(failures).toEqual([stranger()]);
    expect(callers).toEqual([]);
  });
});
