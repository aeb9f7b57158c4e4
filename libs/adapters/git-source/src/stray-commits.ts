import type { StrayCommit } from '#application/rollout';
import type { GitProgram } from './git-program.ts';
import { below, isManifestPath } from './manifest-blobs.ts';
import { REVERT_BRANCHES } from './revert-branch.ts';

const PREFIX = 'refs/remotes/source/';
const REF = '\x01';
/** The newest commits that are on other branches only: what is older was told when it was new. */
const MAX_COMMITS = 1000;

/** Branches beside the deployed one whose own commits change manifests; those that Slipway made are left out. */
export async function strayCommits(git: GitProgram, deployed: string, folder: string): Promise<StrayCommit[]> {
  const selection = [`--exclude=${PREFIX}${REVERT_BRANCHES}*`, `--glob=${PREFIX}*`, `^${deployed}`];
  const format = [
    '--source',
    '--name-only',
    '--no-renames',
    '-z',
    `--max-count=${MAX_COMMITS}`,
    `--format=${REF}%S %H`,
  ];
  const strays = new Map<string, { readonly commit: string; readonly paths: Set<string> }>();
  let paths = new Set<string>();
  for await (const piece of git.pieces(['log', ...format, ...selection, ...below(folder)])) {
    const text = piece.replace(/^\n/, '');
    if (text.startsWith(REF)) {
      const [ref = '', commit = ''] = text.slice(REF.length).split(' ');
      const branch = ref.slice(PREFIX.length);
      // The first commit that the walk meets on a branch is its newest.
      const stray = strays.get(branch) ?? { commit, paths: new Set<string>() };
      strays.set(branch, stray);
      paths = stray.paths;
    } else if (isManifestPath(text)) paths.add(text);
  }
  return [...strays]
    .filter(([, stray]) => stray.paths.size > 0)
    .map(([branch, stray]) => ({ branch, commit: stray.commit, paths: [...stray.paths] }));
}
