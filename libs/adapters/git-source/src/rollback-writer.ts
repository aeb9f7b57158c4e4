import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  AskedVersion,
  ManifestParser,
  ParsedManifest,
  RollbackCommit,
  WriteBackResult,
} from '#application/rollout';
import { DomainError } from '#domain/errors';
import { shownVersion } from '#domain/rollout';
import { withAskedVersion } from './manifest-edit.ts';
import type { Mirror } from './mirror.ts';
import { revertBranchOf } from './revert-branch.ts';

const MAX_PUSH_ATTEMPTS = 5;
/** Trailers that no other rollback has. */
const IDENTITY = ['Slipway-Revert-Of', 'Slipway-Rollout-Id'];

/** Where rollbacks are written, and who signs for them. */
export interface RollbackWriterOptions {
  readonly branch: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Path of an SSH private key without a passphrase. */
  readonly signingKey?: string | undefined;
}

type Push = 'done' | 'race' | 'refused';

/** A file with the version set back. */
type SetBack =
  | { readonly kind: 'text'; readonly text: string }
  /** It does not ask for what was rejected. */
  | { readonly kind: 'settled' }
  /** It asks for that in a way that cannot be changed without touching something else. */
  | { readonly kind: 'unclear' };

/** Writes rollbacks into the repository: to the deployed branch, or as a proposal on a branch of its own. */
export class RollbackWriter {
  readonly #mirror: Mirror;
  readonly #options: RollbackWriterOptions;
  readonly #parser: ManifestParser;

  constructor(mirror: Mirror, options: RollbackWriterOptions, parser: ManifestParser) {
    this.#mirror = mirror;
    this.#options = options;
    this.#parser = parser;
  }

  /** @see ManifestSource.commitRollback */
  async write(rollback: RollbackCommit): Promise<WriteBackResult> {
    for (let attempt = 0; attempt < MAX_PUSH_ATTEMPTS; attempt += 1) {
      await this.#mirror.fetch();
      const head = await this.#mirror.head(this.#options.branch);
      if (head === undefined) return { kind: 'abandoned', reason: `branch ${this.#options.branch} is gone` };
      const edited = await this.#setBackAt(head, rollback);
      if (edited.kind === 'settled') return this.#foundDone(head, rollback);
      if (edited.kind === 'unclear') {
        const reason = `${rollback.file} cannot be set back by a machine: name version ${shown(rollback.to)} by hand`;
        return { kind: 'abandoned', reason };
      }
      const { text } = edited;
      if (rollback.mode === 'branch') return this.#propose(head, rollback, text);
      const commit = await this.#commit(head, rollback, text);
      const { push, report } = await this.#push(commit, this.#options.branch);
      if (push === 'done') return { kind: 'committed', commit };
      // The branch is protected, or a hook declined: pushing again would end the same way, and people can merge a branch.
      if (push === 'refused') return this.#propose(head, rollback, text, report);
      // Somebody else pushed in between: look again at what the file says now.
    }
    throw new DomainError('SOURCE_UNAVAILABLE', 'the rollback cannot be pushed: others push all the time');
  }

  /**
   * The file does not ask for what was rejected. It may be this very rollback that did it: pushed by a controller that did not live to
   * hear of it.
   */
  async #foundDone(head: string, { file, trailers }: RollbackCommit): Promise<WriteBackResult> {
    const greps = IDENTITY.flatMap((name) => {
      const value = trailers[name];
      return value === undefined ? [] : [`--grep=^${name}: ${literal(value)}$`];
    });
    const found = ['log', '-1', '--format=%H', '--extended-regexp', '--all-match', ...greps, head];
    const commit = await this.#mirror.git.text([...found, '--', `:(literal)${file}`]);
    if (commit !== '') return { kind: 'committed', commit };
    return { kind: 'abandoned', reason: `${file} asks for something else by now` };
  }

  /** A branch that is there already was pushed before, and is left as people may have made it. */
  async #propose(head: string, rollback: RollbackCommit, text: string, refusal?: string): Promise<WriteBackResult> {
    const branch = revertBranchOf(rollback);
    const found = await this.#mirror.head(branch);
    if (found !== undefined && (await this.#setBackAt(found, rollback)).kind === 'settled') {
      return { kind: 'committed', commit: found, branch };
    }
    if (found !== undefined) {
      return {
        kind: 'abandoned',
        reason: `branch ${branch} is there, and was changed to ask for the rejected version`,
      };
    }
    const commit = await this.#commit(head, rollback, text);
    const { push, report } = await this.#push(commit, branch);
    if (push === 'done') return { kind: 'committed', commit, branch };
    const both = refusal === undefined ? '' : `${this.#options.branch}: ${refusal}; `;
    throw new DomainError('SOURCE_UNAVAILABLE', `the rollback cannot be pushed to ${both}${branch}: ${report}`);
  }

  /** @throws SOURCE_UNAVAILABLE when the server was not reached, so that nothing is known of its mind. */
  async #push(commit: string, branch: string): Promise<{ push: Push; report: string }> {
    const { status, report } = await this.#mirror.push(`${commit}:refs/heads/${branch}`);
    if (status === 0) return { push: 'done', report };
    const words = report.trim().slice(-300);
    if (/fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref/.test(report)) {
      return { push: 'race', report: words };
    }
    // `!` is how git marks a reference that was refused.
    if (/^!\t/m.test(report)) return { push: 'refused', report: words };
    throw new DomainError('SOURCE_UNAVAILABLE', `the rollback cannot be pushed: ${words}`);
  }

  async #setBackAt(commit: string, rollback: RollbackCommit): Promise<SetBack> {
    const { status, stdout } = await this.#mirror.git.try(['cat-file', 'blob', `${commit}:${rollback.file}`]);
    if (status !== 0) return { kind: 'settled' };
    const text = stdout.toString('utf8');
    const index = this.#parser
      .parse(text)
      .findIndex(
        (manifest) =>
          manifest.kind === 'deployment' &&
          manifest.spec.namespace === rollback.namespace &&
          manifest.spec.name === rollback.name &&
          manifest.specHash === rollback.rejectedSpecHash,
      );
    if (index === -1) return { kind: 'settled' };
    const edited = withAskedVersion(text, index, rollback.to);
    const isDone = edited !== undefined && asksFor(this.#parser.parse(edited)[index], rollback.to);
    return isDone ? { kind: 'text', text: edited } : { kind: 'unclear' };
  }

  async #commit(parent: string, rollback: RollbackCommit, text: string): Promise<string> {
    const { git, directory } = this.#mirror;
    const blob = await git.text(['hash-object', '-w', '--stdin'], { input: text });
    const index = join(directory, `rollback-index-${randomUUID()}`);
    const environment = { GIT_INDEX_FILE: index };
    try {
      await git.run(['read-tree', parent], { environment });
      await git.run(['update-index', '--cacheinfo', `100644,${blob},${rollback.file}`], { environment });
      // Large files were left out of the mirror; they are in the repository.
      const tree = await git.text(['write-tree', '--missing-ok'], { environment });
      return await this.#commitTree(tree, parent, messageOf(rollback));
    } finally {
      await rm(index, { force: true });
    }
  }

  #commitTree(tree: string, parent: string, message: string): Promise<string> {
    const { author, signingKey } = this.#options;
    const { name, email } = author;
    const signing = signingKey === undefined ? [] : ['-S'];
    return this.#mirror.git.text(['commit-tree', ...signing, tree, '-p', parent, '-F', '-'], {
      input: message,
      environment: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      },
      config:
        signingKey === undefined
          ? []
          : ['gpg.format=ssh', 'gpg.ssh.program=ssh-keygen', `user.signingKey=${signingKey}`],
    });
  }
}

/** A text as a regular expression that matches it alone. */
function literal(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '[$&]');
}

function asksFor(manifest: ParsedManifest | undefined, { version, variants, model }: AskedVersion): boolean {
  if (manifest?.kind !== 'deployment' || !('version' in manifest.spec)) return false;
  const { spec } = manifest;
  const isOfModel = model === undefined || spec.model === model;
  return isOfModel && spec.version === version && JSON.stringify(spec.variants) === JSON.stringify(variants);
}

function messageOf({ namespace, name, from, to, reason, trailers }: RollbackCommit): string {
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${value}`);
  const change = `version ${shown(from)} -> ${shown(to)}`;
  return `revert(${namespace}/${name}): ${change}\n\n${reason}\n\n${lines.join('\n')}\n`;
}

function shown({ model, ...version }: AskedVersion): string {
  return model === undefined ? shownVersion(version) : `${model}@${shownVersion(version)}`;
}
