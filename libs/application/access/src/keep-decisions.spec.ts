import { beforeEach, describe, expect, it } from 'vitest';
import { SERVER } from '#domain/access';
import { DomainError } from '#domain/errors';
import type { DecisionLog, RecordedDecision } from './decision.ts';
import { DecisionRecorder } from './decision-recorder.ts';
import { KeepDecisions } from './keep-decisions.ts';

const DAY_MS = 24 * 3_600_000;
let nowMs: number;
let saved: (readonly RecordedDecision[])[];
let forgottenBefore: number[];
let isDown: boolean;
let recorder: DecisionRecorder;
let keep: KeepDecisions;
beforeEach(() => {
  nowMs = 10 * DAY_MS;
  saved = [];
  forgottenBefore = [];
  isDown = false;
  recorder = new DecisionRecorder();
  const log: DecisionLog = {
    save: async (decisions) => {
      if (isDown) throw new DomainError('STORE_UNAVAILABLE', 'the bucket is down');
      saved.push(decisions);
    },
    load: async () => [],
    forgetBefore: async (ms) => void forgottenBefore.push(ms),
  };
  keep = new KeepDecisions({ recorder, log, nowMs: () => nowMs, keptMs: 7 * DAY_MS });
});
const ask = (id: string) =>
  recorder.note({
    principal: { kind: 'user', id, groups: [], attributes: {}, credential: 'token' },
    circumstances: { nowMs, address: undefined },
    action: 'policy.read',
    resource: SERVER,
    field: undefined,
    isRequired: true,
  });

describe('what was decided', () => {
  it('is written when it is new, and how often it was decided once a minute', async () => {
    await keep.tend();
    expect(saved).toEqual([]);
    ask('ada');
    await keep.tend();
    ask('ada');
    nowMs += 3000;
    await keep.tend();
    expect(saved).toHaveLength(1);
    nowMs += 60_000;
    await keep.tend();
    expect(saved.map(([decision]) => decision?.count)).toEqual([1, 2]);
    nowMs += 60_000;
    await keep.tend();
    expect(saved).toHaveLength(2);
  });

  it('is written at the end, if anything is left', async () => {
    ask('ada');
    await keep.tend();
    ask('ada');
    await keep.save();
    await keep.save();
    expect(saved.map(([decision]) => decision?.count)).toEqual([1, 2]);
  });

  it('is written later where the bucket is down', async () => {
    ask('ada');
    isDown = true;
    await expect(keep.tend()).rejects.toThrow('the bucket is down');
    isDown = false;
    await keep.tend();
    expect(saved).toHaveLength(1);
  });

  it('is forgotten after its days: by this process, and that of others', async () => {
    ask('ada');
    await keep.tend();
    nowMs += 8 * DAY_MS;
    ask('bob');
    await keep.tend();
    expect(saved.at(-1)?.map(({ principal }) => principal.id)).toEqual(['bob']);
    expect(forgottenBefore).toEqual([3 * DAY_MS, 11 * DAY_MS]);
  });
});
