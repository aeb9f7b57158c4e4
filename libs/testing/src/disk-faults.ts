import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with one operation on the disk. */
export interface DiskFault {
  /** Error code that the operation fails with, such as ENOSPC; `undefined` lets it succeed. */
  readonly code?: string | undefined;
  /** How long it takes before that. */
  readonly delayMs?: number | undefined;
}

/** Decides about one operation. `write` is whatever changes the disk. */
export type FaultOf = (operation: 'read' | 'write', path: string) => DiskFault | undefined;

type AsyncFunction = (...args: never[]) => Promise<unknown>;

/** Where each changing function of `node:fs/promises` has the path that it changes. */
const CHANGING = { mkdir: 0, rename: 1, rm: 0, link: 1, utimes: 0, writeFile: 0 } as const;

/**
 * Makes the disk of this process fail: every call through `node:fs/promises`, and the reads of `createReadStream`. It stands below the
 * code under test, which is loaded and runs as it is.
 *
 * @returns what ends that.
 */
export function injectDiskFaults(faultOf: FaultOf): () => void {
  const { promises } = fs;
  const real = { ...promises };
  const realCreateReadStream = fs.createReadStream;
  const meet = async (operation: 'read' | 'write', path: unknown) => {
    const fault = faultOf(operation, String(path));
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault?.code !== undefined)
      throw Object.assign(new Error(`${fault.code}: injected, ${operation} '${path}'`), { code: fault.code });
  };
  const changed: Record<string, AsyncFunction> = {};
  for (const [name, position] of Object.entries(CHANGING)) {
    changed[name] = async (...args) => {
      await meet('write', args[position]);
      return (real[name as keyof typeof CHANGING] as AsyncFunction)(...args);
    };
  }
  changed['open'] = async (path: string, flags: string | number = 'r', ...rest: never[]) => {
    await meet(flags === 'r' ? 'read' : 'write', path);
    return withFaultyWrites(await real.open(path, flags, ...rest), () => meet('write', path));
  };
  Object.assign(promises, changed);
  fs.createReadStream = ((path: string, ...options: never[]) =>
    Readable.from(readWithFaults(() => meet('read', path), realCreateReadStream(path, ...options)))) as never;
  syncBuiltinESMExports();
  return () => {
    Object.assign(promises, real);
    fs.createReadStream = realCreateReadStream;
    syncBuiltinESMExports();
  };
}

function withFaultyWrites(handle: FileHandle, meet: () => Promise<void>): FileHandle {
  const write = handle.write.bind(handle) as AsyncFunction;
  handle.write = (async (...args: never[]) => {
    await meet();
    return write(...args);
  }) as never;
  return handle;
}

async function* readWithFaults(meet: () => Promise<void>, stream: AsyncIterable<Uint8Array>) {
  await meet();
  yield* stream;
}
