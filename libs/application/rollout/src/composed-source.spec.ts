import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import { ComposedSource } from './composed-source.ts';
import type { ManifestSource, RollbackCommit, SourceRevision } from './manifest-source.ts';

/** A repository that answers, fails or says nothing, as a test wishes. */
class Repository implements ManifestSource {
  mode: 'answers' | 'fails' | 'hangs' = 'answers';
  revision: SourceRevision;
  readonly rollbacks: string[] = [];

  constructor(commit: string, branch: string) {
    const content = { kind: 'text' as const, text: commit };
    this.revision = {
      commit,
      branch,
      files: [{ path: 'a.yaml', commit, content }],
      strays: [{ branch: 'feature', commit: 's', paths: ['a.yaml'] }],
      notices: [{ code: 'HISTORY_REWRITTEN', severity: 'warning', message: 'was rewritten', paths: ['a.yaml'] }],
    };
  }

  async poll(): Promise<SourceRevision> {
    if (this.mode === 'hangs') await new Promise(() => {});
    if (this.mode === 'fails') throw new DomainError('SOURCE_UNAVAILABLE', 'git fetch failed: gone');
    return this.revision;
  }

  async commitRollback({ file }: RollbackCommit) {
    this.rollbacks.push(file);
    return { kind: 'committed' as const, commit: 'r' };
  }
}

let first: Repository;
let second: Repository;
let passTime: () => void;
let source: ComposedSource;

beforeEach(() => {
  first = new Repository('c1', 'main');
  second = new Repository('c2', 'prod');
  const tasks = new Set<() => void>();
  passTime = () => {
    for (const task of tasks) task();
  };
  source = new ComposedSource(
    [
      { name: 'one', branch: 'main', source: first },
      { name: 'two', branch: 'prod', source: second },
    ],
    {
      nowMs: () => 0,
      after: (_, task) => {
        tasks.add(task);
        return () => tasks.delete(task);
      },
    },
  );
});

describe('ComposedSource', () => {
  it('makes one revision of several, in their order, with paths that say where a file is from', async () => {
    const { files, strays, notices, origins } = await source.poll();
    expect(files.map(({ path, commit }) => [path, commit])).toEqual([
      ['one:a.yaml', 'c1'],
      ['two:a.yaml', 'c2'],
    ]);
    expect(strays[1]).toEqual({ branch: 'feature', commit: 's', paths: ['two:a.yaml'], deployedBranch: 'prod' });
    expect(notices?.[1]).toMatchObject({ message: 'two: was rewritten', paths: ['two:a.yaml'] });
    expect(origins?.map(({ prefix, isRead }) => [prefix, isRead])).toEqual([
      ['one:', true],
      ['two:', true],
    ]);
    expect(files[0]?.content).toBe(first.revision.files[0]?.content);
  });

  it('keeps what a repository said last that fails or says nothing, while the others go on', async () => {
    await source.poll();
    first.mode = 'fails';
    second.revision = { ...second.revision, commit: 'c3', files: [] };
    const failed = await source.poll();
    expect(failed.files.map(({ path }) => path)).toEqual(['one:a.yaml']);
    expect(failed.notices?.at(1)).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: 'one: git fetch failed: gone; its deployments stay as they are',
    });
    first.mode = 'hangs';
    const hanging = source.poll();
    await new Promise(setImmediate);
    passTime();
    expect((await hanging).notices?.at(1)?.message).toBe('one: no answer within 5 s; its deployments stay as they are');
    expect((await hanging).origins?.map(({ commit }) => commit)).toEqual(['c1', 'c3']);
  });

  it('says of a repository that was never read that it is not', async () => {
    first.mode = 'fails';
    expect((await source.poll()).origins?.map(({ isRead }) => isRead)).toEqual([false, true]);
  });

  it('fails when no repository can be read', async () => {
    first.mode = 'fails';
    second.mode = 'fails';
    await expect(source.poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  it('writes a rollback to the repository that the file is from', async () => {
    await source.commitRollback({ file: 'two:team/a.yaml' } as RollbackCommit);
    expect([first.rollbacks, second.rollbacks]).toEqual([[], ['team/a.yaml']]);
    expect(await source.commitRollback({ file: 'three:a.yaml' } as RollbackCommit)).toMatchObject({
      kind: 'abandoned',
    });
  });
});
