import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const KIB = 1024;

/**
 * Memory of a process, in bytes: on Linux its share of it, pages that several processes have counted in parts, elsewhere what `ps`
 * tells. `undefined` when the process is gone or the system does not tell.
 *
 * @see proc_pid_smaps(5), `smaps_rollup`
 */
export async function residentBytes(pid: number): Promise<number | undefined> {
  return (await fromProc(pid)) ?? (await fromPs(pid));
}

async function fromProc(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kib = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * KIB;
}

async function fromPs(pid: number): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const kib = Number(stdout.trim());
  return kib > 0 ? kib * KIB : undefined;
}
