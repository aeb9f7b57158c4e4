import type { GitProgram } from './git-program.ts';
import { below } from './manifest-blobs.ts';

/** Where to look: from a commit back, as far as the history that another commit has too. */
export interface CommitRange {
  readonly to: string;
  readonly from: string | undefined;
}

const COMMIT = '\x01';

/**
 * The newest commit that gave each file the content that it has, in one walk through history instead of one per file. The walk ends
 * as soon as all are found.
 *
 * A file that came by a merge is the work of the commit that was merged, as with `git log -1 <path>`; only what a merge itself wrote,
 * to solve a conflict, is the merge's (`-c`).
 *
 * @param wanted blob hash by path.
 * @returns commit by path; files that the range does not touch are missing.
 */
export async function touchingCommits(
  git: GitProgram,
  { to, from }: CommitRange,
  folder: string,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const format = ['--raw', '-c', '--no-renames', '--no-abbrev', '-z', `--format=${COMMIT}%H`];
  const range = from === undefined ? [to] : [to, `^${from}`];
  let commit = '';
  let written: string | undefined;
  for await (const piece of git.pieces(['log', ...format, ...range, ...below(folder)])) {
    if (written !== undefined) {
      if (wanted.get(piece) === written && !found.has(piece)) found.set(piece, commit);
      if (found.size === wanted.size) break;
      written = undefined;
      continue;
    }
    const text = piece.trimStart();
    if (text.startsWith(COMMIT)) commit = text.slice(COMMIT.length);
    else if (text.startsWith(':')) written = writtenHash(text);
  }
  return found;
}

/**
 * The hash that a change left behind: the last one of a raw line, which has as many colons as the commit has parents.
 *
 * @see https://git-scm.com/docs/git-diff#_raw_output_format
 */
function writtenHash(line: string): string {
  const parents = /^:+/.exec(line)?.[0].length ?? 1;
  return line.slice(parents).split(' ')[2 * parents + 1] ?? '';
}
