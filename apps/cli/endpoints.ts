import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running all-in-one can be reached, as it says in its state directory. */
export interface Endpoints {
  readonly registry: string;
  readonly gateway: string;
  readonly gatewayGrpc: string;
  readonly controller: string;
  /** Path of the embedded Git repository. */
  readonly git: string;
  readonly pid: number;
}

/** The endpoints that an all-in-one published in its state directory; `undefined` when there are none. */
export function readEndpoints(stateDir: string): Endpoints | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'endpoints.json'), 'utf8')) as Endpoints;
  } catch {
    return undefined;
  }
}

/** The administrator's key that an all-in-one keeps in its state directory; `undefined` when there is none. */
export function readAdminKey(stateDir: string): string | undefined {
  try {
    return readFileSync(join(stateDir, 'admin.key'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
