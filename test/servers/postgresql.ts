import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { requireProgram } from './system-program.ts';

/** A PostgreSQL of its own, with an empty database. */
export interface PostgresServer {
  readonly port: string;
  readonly user: string;
  readonly database: string;
  /** Runs SQL statements. */
  run(sql: string): void;
  stop(): void;
}

const USER = 'slipway';
const DATABASE = 'peer';

/** Starts PostgreSQL from the system's packages, on loopback, with an empty database. */
export async function startPostgres(): Promise<PostgresServer> {
  await requireProgram('initdb', ['postgresql'], () => programFolder() !== undefined);
  const folder = programFolder() ?? '';
  const data = mkdtempSync(join(tmpdir(), 'slipway-postgresql-'));
  chmodSync(data, 0o777);
  const port = await freePort();
  const control = (...args: string[]) => asOrdinaryUser(join(folder, args[0] ?? ''), args.slice(1));
  control('initdb', '-D', join(data, 'db'), '-A', 'trust', '-U', USER);
  const options = `-p ${port} -k ${data} -h 127.0.0.1`;
  control('pg_ctl', '-D', join(data, 'db'), '-o', options, '-l', join(data, 'log'), '-w', 'start');
  const psql = (database: string, sql: string) =>
    control('psql', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', port, '-U', USER, '-d', database, '-c', sql);
  psql('postgres', `CREATE DATABASE ${DATABASE}`);
  return {
    port,
    user: USER,
    database: DATABASE,
    run: (sql) => psql(DATABASE, sql),
    stop: () => {
      control('pg_ctl', '-D', join(data, 'db'), '-m', 'immediate', 'stop');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Debian keeps the server's programs off the path, one folder per major version. */
function programFolder(): string | undefined {
  const root = '/usr/lib/postgresql';
  const majors = existsSync(root) ? readdirSync(root).sort((left, right) => Number(right) - Number(left)) : [];
  return majors.map((major) => join(root, major, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** PostgreSQL refuses to run as root. */
function asOrdinaryUser(program: string, args: readonly string[]): void {
  const isRoot = process.getuid?.() === 0;
  const [command, given] = isRoot ? ['runuser', ['-u', 'postgres', '--', program, ...args]] : [program, args];
  const { status, stderr } = spawnSync(command as string, given as string[], {
    cwd: tmpdir(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${program} failed: ${String(stderr).slice(0, 2000)}`);
}
