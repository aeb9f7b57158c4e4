import { readFileSync, writeFileSync } from 'node:fs';
import koffi from 'koffi';

const isLinux = process.platform === 'linux';

/** On Linux: this process ends when the one that started it does, even while native code computes. */
export function endWithParent(): void {
  if (!isLinux) return;
  const PR_SET_PDEATHSIG = 1;
  const SIGKILL = 9;
  const prctl = koffi
    .load(null)
    .func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/** On Linux: when memory runs out the system ends this process, and not the gateway. */
export function goFirst(): void {
  if (!isLinux) return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Some containers forbid it, and then it is as it was.
  }
}

/**
 * On Linux: what this process asks for beyond so much more than it has is refused, and fails the run that asked.
 *
 * @see setrlimit(2), RLIMIT_DATA: private writable memory. Memory that is shared with the gateway does not count.
 */
export function limitMemory(moreBytes: number): void {
  if (!isLinux) return;
  const RLIMIT_DATA = 2;
  const heldKib = Number(/^VmData:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  const limit = BigInt(Math.floor(heldKib * 1024 + moreBytes));
  koffi.load(null).func('int setrlimit(int resource, const uint64_t *limits)')(
    RLIMIT_DATA,
    BigUint64Array.from([limit, limit]),
  );
}
