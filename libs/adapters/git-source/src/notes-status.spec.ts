import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommitStatus, CommitStatusPublisher, ManifestParser } from '#application/rollout';
import { GitRepository } from '../../../../test/servers/git-repository.ts';
import { GitManifestSource } from './index.ts';

const parser: ManifestParser = { parse: () => [] };
let repository: GitRepository;
let source: GitManifestSource;
let publisher: CommitStatusPublisher;
let commit: string;

const statusOf = (name: string, state: CommitStatus['state']): CommitStatus => ({
  commit,
  context: `slipway/default/${name}`,
  state,
  description: 'version 2 answers everything — 全部',
});
/** What a person sees who fetches the notes. */
const noteOf = (of: string) => {
  repository.git('fetch', '--quiet', 'origin', '+refs/notes/status:refs/notes/status');
  return repository.git('notes', '--ref=status', 'show', of).split('\n').filter(Boolean);
};
const stateOf = (line: string) => {
  const { context, state } = JSON.parse(line) as CommitStatus;
  return `${context} ${state}`;
};

beforeEach(async () => {
  repository = new GitRepository();
  commit = repository.commit({ 'a.yaml': 'a: 1' });
  repository.push();
  source = new GitManifestSource(
    {
      url: repository.url,
      branch: 'main',
      path: '',
      mirrorDir: join(repository.folder, 'mirror.git'),
      author: { name: 'Slipway', email: 'slipway@localhost' },
    },
    parser,
  );
  await source.poll();
  publisher = source.notesPublisher();
});
afterEach(() => repository.remove());

describe('NotesStatusPublisher', () => {
  it('writes one line of JSON per context, of which the newest counts', async () => {
    await publisher.publish(statusOf('digits', 'pending'));
    await publisher.publish({ ...statusOf('other', 'success'), targetUrl: 'https://slipway.example.com' });
    await publisher.publish(statusOf('digits', 'success'));
    const lines = noteOf(commit);
    expect(lines.map(stateOf)).toEqual(['slipway/default/digits success', 'slipway/default/other success']);
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      context: 'slipway/default/other',
      state: 'success',
      description: 'version 2 answers everything — 全部',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      url: 'https://slipway.example.com',
    });
  });

  it('pushes many at once in a few commits', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `d${index}`);
    await Promise.all(names.map((name) => publisher.publish(statusOf(name, 'success'))));
    expect(noteOf(commit)).toHaveLength(100);
    expect(Number(repository.git('rev-list', '--count', 'refs/notes/status'))).toBeLessThan(5);
  });

  it('keeps what others write into the notes', async () => {
    await publisher.publish(statusOf('digits', 'pending'));
    noteOf(commit);
    repository.git('notes', '--ref=status', 'append', '--message', 'looks good to me', commit);
    repository.push('refs/notes/status');
    await publisher.publish(statusOf('digits', 'success'));
    expect(noteOf(commit)).toContain('looks good to me');
    expect(noteOf(commit).map((line) => line.includes('"success"'))).toContain(true);
  });

  it('makes no new revision, and forgets commits that are not there any more', async () => {
    const before = await source.poll();
    await publisher.publish(statusOf('digits', 'success'));
    expect(await source.poll()).toBe(before);
    await expect(
      publisher.publish({ ...statusOf('digits', 'success'), commit: 'd'.repeat(40) }),
    ).resolves.toBeUndefined();
  });

  it('fails when the repository refuses notes', async () => {
    repository.writeHook('pre-receive', 'echo "no notes here" >&2; exit 1');
    await expect(publisher.publish(statusOf('digits', 'success'))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('no notes here'),
    });
  });
});
