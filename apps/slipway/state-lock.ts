import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Thrown when another process holds the lock. */
export class StateDirectoryInUse extends Error {
  override readonly name = 'StateDirectoryInUse';
}

/**
 * Lets one process at a time use a state directory. The lock is a listening socket, so that it ends with the process however
 * that ends, and no process id can be mistaken for another's.
 *
 * @throws StateDirectoryInUse while another process holds it.
 */
export async function lockStateDirectory(directory: string): Promise<{ release(): Promise<void> }> {
  // Socket paths may have about 100 characters: a hash in the temporary folder stands for the directory.
  const name = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 24);
  const path = join(tmpdir(), `slipway-${name}.sock`);
  const server = (await listen(path)) ?? (await replaceStale(path));
  if (server === undefined) {
    throw new StateDirectoryInUse(
      `${directory} is in use by another slipway: stop that one, or choose SLIPWAY_STATE_DIR`,
    );
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function replaceStale(path: string): Promise<Server | undefined> {
  if (await isAnswered(path)) return undefined;
  rmSync(path, { force: true });
  return listen(path);
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server));
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
