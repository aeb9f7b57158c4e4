import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Program, ProgramEnd, ProgramStart } from './program.ts';
import { spawnSharing } from './spawn-sharing.ts';

/**
 * Starts a program, on Linux without a copy of this process.
 *
 * Node.js forks: the kernel copies the page tables of all of this process's memory, which stops it, and afterwards each page that it
 * writes costs a fault. Of 300 MB that were 25 ms and another 100 on a virtual machine, in a process that answers requests.
 *
 * @throws Error with a code of the system: ENOENT when there is no such program, EMFILE, EAGAIN.
 */
export function startProgram(start: ProgramStart): Program {
  return process.platform === 'linux' ? spawnSharing(start) : spawnByNode(start);
}

function spawnByNode({ command, args, cwd, env, stdio }: ProgramStart): Program {
  const child = spawn(command, args, { cwd, env, stdio: [...stdio] });
  const { pid } = child;
  if (pid === undefined) {
    child.once('error', () => {});
    throw Object.assign(new Error(`${command} cannot be started`), { code: 'EAGAIN' });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as ProgramEnd);
  const streams = child.stdio.map((stream) => (stream ?? undefined) as Duplex | undefined);
  return { pid, streams, ended, kill: () => void child.kill('SIGKILL') };
}
