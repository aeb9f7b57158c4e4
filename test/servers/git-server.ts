import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { freePort } from './free-port.ts';

const program = join(import.meta.dirname, 'git-http-backend.ts');

/**
 * A Git server by https that can be killed and started again at the same address. Its repositories are bare folders, which a test reads and
 * writes itself even while nobody serves them.
 */
export class GitServer {
  readonly url: string;
  /** What a program needs in its environment to trust the server. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #arguments: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: string) {
    const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-out', certificate], { stdio: 'pipe' });
    this.url = `https://127.0.0.1:${port}`;
    this.environment = { GIT_SSL_CAINFO: certificate };
    this.#arguments = [program, folder, port, key, certificate];
  }

  /** @param folder that holds the repositories; the server's key and certificate are made in it. */
  static async start(folder: string): Promise<GitServer> {
    const server = new GitServer(folder, await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    // A process group of its own: what serves a request at the moment of a kill ends with the server.
    const child = spawn(pinnedNode, [...this.#arguments], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-4000);
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the Git server ended with status ${code}:\n${log}`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await exited;
  }
}
