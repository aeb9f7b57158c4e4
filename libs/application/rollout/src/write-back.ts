import type { Deployment } from './deployment.ts';
import { deploymentKey } from './deployment-key.ts';
import type { DeploymentNews } from './deployment-news.ts';
import type { ManifestSource, WriteBackResult } from './manifest-source.ts';
import type { RetriedTasks } from './retried-tasks.ts';
import { rollbackCommitOf } from './rollback-commit.ts';
import type { Scheduler } from './scheduler.ts';

/** What rollbacks are written with. */
export interface WriteBackParts {
  readonly source: ManifestSource;
  readonly scheduler: Scheduler;
  readonly tasks: RetriedTasks;
  readonly news: DeploymentNews;
  /** Whether this controller may write to Git for a deployment now. */
  readonly mayWriteFor: (deployment: Deployment) => boolean;
  /** Ends when what was to be saved of a deployment is saved, or was tried once. */
  readonly journalled: (key: string) => Promise<void>;
  /** Called when Git is not what it was. */
  readonly onWritten: () => void;
}

/** Git shall say what is served within five seconds of its return, and it may be gone for hours. */
const RETRY_MAX_MS = 2000;

/** Writes rollbacks to Git, whenever that can be done. */
export class WriteBack {
  readonly #parts: WriteBackParts;

  constructor(parts: WriteBackParts) {
    this.#parts = parts;
  }

  /** Writes a deployment's last rollback, if it is to be written. */
  writeWhenPending(deployment: Deployment): void {
    const { tasks, news, source, mayWriteFor, journalled } = this.#parts;
    const key = deploymentKey(deployment.entry);
    const task = { what: 'write back', deploymentKey: key };
    if (deployment.entry.writeBack?.state !== 'pending' || tasks.isRunning(task)) return;
    const rollback = rollbackCommitOf(deployment.entry);
    if (rollback === undefined) {
      deployment.setWriteBack({ state: 'abandoned', message: 'the manifest moved on' });
      news.changed(deployment);
      return;
    }
    const write = async () => {
      if (!mayWriteFor(deployment)) return false;
      // The journal first: a crash in between must not leave a commit of ours that nobody remembers the reason of. A journal that
      // cannot be written does not hold Git up.
      await journalled(key);
      if (!mayWriteFor(deployment)) return false;
      this.#tell(deployment, await source.commitRollback(rollback));
      return true;
    };
    tasks.run(task, write, RETRY_MAX_MS);
  }

  #tell(deployment: Deployment, result: WriteBackResult): void {
    const { scheduler, news, onWritten } = this.#parts;
    const nowMs = scheduler.nowMs();
    if (result.kind === 'committed') {
      const { commit, branch } = result;
      const where = branch === undefined ? '' : ` on branch ${branch}, which waits to be merged`;
      const message = `the rollback is commit ${commit.slice(0, 10)}${where}`;
      deployment.setWriteBack({ state: 'committed', commit, ...(branch === undefined ? {} : { message }) });
      deployment.addEvent({ severity: 'info', code: 'WrittenBack', message, commit }, nowMs);
    } else {
      deployment.setWriteBack({ state: 'abandoned', message: result.reason });
      deployment.addEvent({ severity: 'warning', code: 'WriteBackAbandoned', message: result.reason }, nowMs);
    }
    news.changed(deployment);
    onWritten();
  }
}
