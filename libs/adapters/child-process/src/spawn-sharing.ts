import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import type { Program, ProgramEnd, ProgramStart } from './program.ts';

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0o2000001;
const F_DUPFD_CLOEXEC = 1030;
const SET_SIGNALS_AND_MASK = 0x04 | 0x08;
const WNOHANG = 1;
const ECHILD = 10;
/** More than these structures take in any C library. */
const STRUCTURE_BYTES = 1024;
/** Above the descriptors that a program is given. */
const FIRST_FREE_FD = 16;
const MAX_POLL_MS = 50;

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]));

// Opened when first used: most programs start no other.
let system: ReturnType<typeof openSystem> | undefined;

function openSystem() {
  const c = koffi.load(null);
  return {
    socketpair: c.func('int socketpair(int domain, int type, int protocol, _Out_ int *fds)'),
    fcntl: c.func('int fcntl(int fd, int command, ...)'),
    sigfillset: c.func('int sigfillset(void *set)'),
    spawn: c.func(
      'int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, const char **argv, const char **envp)',
    ),
    waitpid: c.func('int waitpid(int pid, _Out_ int *status, int options)'),
    initActions: c.func('int posix_spawn_file_actions_init(void *actions)'),
    duplicate: c.func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int newfd)'),
    changeDirectory: c.func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)'),
    destroyActions: c.func('int posix_spawn_file_actions_destroy(void *actions)'),
    initAttributes: c.func('int posix_spawnattr_init(void *attributes)'),
    setFlags: c.func('int posix_spawnattr_setflags(void *attributes, short flags)'),
    setDefaults: c.func('int posix_spawnattr_setsigdefault(void *attributes, void *set)'),
    setMask: c.func('int posix_spawnattr_setsigmask(void *attributes, void *set)'),
  };
}

/**
 * Starts a program in a process that shares this one's memory until it runs: nothing is copied.
 *
 * @throws Error with a code of the system.
 * @see posix_spawn(3); in glibc and musl it is `clone` with CLONE_VM and CLONE_VFORK
 */
export function spawnSharing({ command, args, cwd, env, stdio }: ProgramStart): Program {
  const theirs: number[] = [];
  const ours: (number | undefined)[] = [];
  let pid: number;
  try {
    for (const one of stdio) openDescriptor(one, ours, theirs);
    pid = spawnWith(command, args, cwd, env, theirs);
  } catch (error) {
    for (const fd of ours) if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) closeSync(fd);
  }
  const streams = ours.map((fd) => (fd === undefined ? undefined : streamOver(fd)));
  let isOver = false;
  // Until its end is asked for, no other process can get its number.
  const ended = endOf(pid, streams, () => {
    isOver = true;
  });
  return { pid, streams, ended, kill: () => void (isOver || process.kill(pid, 'SIGKILL')) };
}

function streamOver(fd: number): Socket {
  // What fails on it is its end, which is seen anyway.
  return new Socket({ fd, readable: true, writable: true }).on('error', () => {});
}

/** Opens what one of its descriptors shall be, above those that it is given; ours is the other end of a pipe. */
function openDescriptor(one: ProgramStart['stdio'][number], ours: (number | undefined)[], theirs: number[]): void {
  if (one === 'pipe') {
    const pair = new Int32Array(2);
    check(calls().socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, pair), 'socketpair');
    const [near = -1, far = -1] = pair;
    ours.push(near);
    theirs.push(far);
  } else {
    ours.push(undefined);
    theirs.push(one === 'ignore' ? openSync('/dev/null', 'r+') : duplicated(one));
  }
  const index = theirs.length - 1;
  const fd = theirs[index] ?? -1;
  if (fd >= FIRST_FREE_FD) return;
  theirs[index] = duplicated(fd);
  closeSync(fd);
}

function duplicated(fd: number): number {
  return check(calls().fcntl(fd, F_DUPFD_CLOEXEC, 'int', FIRST_FREE_FD), 'fcntl');
}

function spawnWith(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  env: Readonly<Record<string, string>>,
  fds: readonly number[],
): number {
  const c = calls();
  const [actions, attributes, none, all] = Array.from({ length: 4 }, () => Buffer.alloc(STRUCTURE_BYTES));
  c.initActions(actions);
  try {
    for (const [number, fd] of fds.entries()) c.duplicate(actions, fd, number);
    if (cwd !== undefined) c.changeDirectory(actions, cwd);
    c.initAttributes(attributes);
    c.sigfillset(all);
    // What this process ignores or blocks is not the program's affair.
    c.setFlags(attributes, SET_SIGNALS_AND_MASK);
    c.setDefaults(attributes, all);
    c.setMask(attributes, none);
    const pid = new Int32Array(1);
    const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const error = c.spawn(pid, command, actions, attributes, [command, ...args, null], [...environment, null]);
    if (error !== 0) throw systemError(error, command);
    return pid[0] ?? -1;
  } finally {
    c.destroyActions(actions);
  }
}

/** Whoever ends closes its streams; that is when to ask how. @param onOver called in the turn in which its number becomes free. */
async function endOf(pid: number, streams: readonly (Socket | undefined)[], onOver: () => void): Promise<ProgramEnd> {
  await Promise.all(streams.map((stream) => stream && new Promise((resolve) => stream.once('close', resolve))));
  const status = new Int32Array(1);
  for (let pauseMs = 1; ; pauseMs = Math.min(MAX_POLL_MS, pauseMs * 2)) {
    const found = calls().waitpid(pid, status, WNOHANG);
    const isGone = found < 0 && koffi.errno() === ECHILD;
    if (found === pid || isGone) {
      onOver();
      return isGone ? { code: null, signal: null } : endOfStatus(status[0] ?? 0);
    }
    await sleep(pauseMs);
  }
}

/** @see waitpid(2), WIFEXITED and WTERMSIG */
function endOfStatus(status: number): ProgramEnd {
  const signal = status & 0x7f;
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: null }
    : { code: null, signal: SIGNALS.get(signal) ?? null };
}

function calls(): ReturnType<typeof openSystem> {
  system ??= openSystem();
  return system;
}

function check(result: number, call: string): number {
  if (result >= 0) return result;
  throw systemError(koffi.errno(), call);
}

function systemError(number: number, what: string): Error {
  const code = getSystemErrorName(-number);
  return Object.assign(new Error(`${what}: ${code}`), { code });
}
