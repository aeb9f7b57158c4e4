import { expect, it } from 'vitest';
import { type CommitStatus, ComposedStatusPublisher } from './index.ts';

function repository(commits: readonly string[], maxConcurrent: number, failure?: Error) {
  const told: string[] = [];
  const publisher = {
    maxConcurrent,
    publish: async ({ commit }: CommitStatus) => {
      if (failure !== undefined) throw failure;
      told.push(commit);
    },
  };
  return { told, publisher, hasCommit: async (commit: string) => commits.includes(commit) };
}

const statusOf = (commit: string): CommitStatus => ({
  commit,
  context: 'slipway/default/digits',
  state: 'success',
  description: 'version 2 answers everything',
});

it('tells each repository of its own commits, and of no others', async () => {
  const [left, right] = [repository(['a', 'shared'], 4), repository(['b', 'shared'], 256)];
  const quiet = { publisher: undefined, hasCommit: async (commit: string) => commit === 'quiet' };
  const composed = new ComposedStatusPublisher([left, right, quiet]);
  for (const commit of ['a', 'b', 'shared', 'quiet']) await composed.publish(statusOf(commit));
  expect(left.told).toEqual(['a', 'shared']);
  expect(right.told).toEqual(['b', 'shared']);
  expect(composed.maxConcurrent).toBe(4);
  // It may not have been read since it was pushed.
  await expect(composed.publish(statusOf('elsewhere'))).rejects.toThrow(
    'no repository that was read has commit elsewhere',
  );
});

it('fails when one of them fails, and tells the others', async () => {
  const [broken, sound] = [repository(['a'], 4, new Error('the forge is away')), repository(['a'], 4)];
  const composed = new ComposedStatusPublisher([broken, sound]);
  await expect(composed.publish(statusOf('a'))).rejects.toThrow('the forge is away');
  expect(sound.told).toEqual(['a']);
});
