import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running all-in-one can be reached; the command line reads it for its defaults. */
export interface Endpoints {
  readonly registry: string;
  readonly gateway: string;
  readonly gatewayGrpc: string;
  readonly controller: string;
  /** Path of the embedded Git repository. */
  readonly git: string;
  readonly pid: number;
}

/** Publishes the endpoints in the state directory; a reader sees the whole file or none. */
export function writeEndpoints(stateDirectory: string, endpoints: Endpoints): void {
  const path = endpointsPath(stateDirectory);
  writeFileSync(`${path}.new`, `${JSON.stringify(endpoints, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Withdraws the endpoints. */
export function removeEndpoints(stateDirectory: string): void {
  rmSync(endpointsPath(stateDirectory), { force: true });
}

function endpointsPath(stateDirectory: string): string {
  return join(stateDirectory, 'endpoints.json');
}
