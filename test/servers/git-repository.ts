import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A bare repository as any server keeps one, with a clone in which a person works. */
export class GitRepository {
  /** Holds the repository, the clone, and what a test puts beside them. */
  readonly folder: string;
  /** The bare repository. */
  readonly url: string;
  readonly clone: string;

  constructor({ allowsFilter = true }: { readonly allowsFilter?: boolean } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'git-repository-'));
    this.url = join(this.folder, 'server.git');
    this.clone = join(this.folder, 'clone');
    execFileSync('git', ['init', '--bare', '--quiet', '--initial-branch=main', this.url]);
    execFileSync('git', ['--git-dir', this.url, 'config', 'uploadpack.allowFilter', String(allowsFilter)]);
    execFileSync('git', ['clone', '--quiet', this.url, this.clone], { stdio: 'pipe' });
    this.git('checkout', '--quiet', '-B', 'main');
  }

  /** Runs git in the clone and answers what it says. */
  git(...args: string[]): string {
    const person = ['-c', 'user.name=T', '-c', 'user.email=t@example.com'];
    const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', [...person, ...args], {
      cwd: this.clone,
      encoding: 'utf8',
      stdio: 'pipe',
      env: environment,
    }).trim();
  }

  /** Writes files and commits them, with further options of `git commit`. @returns the commit. */
  commit(files: Readonly<Record<string, string | Buffer>>, ...options: string[]): string {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.clone, path)), { recursive: true });
      writeFileSync(join(this.clone, path), text);
    }
    this.git('add', '--all');
    const message = options.includes('--message') || options.includes('--amend') ? [] : ['--message', 'A change'];
    this.git('commit', '--quiet', '--allow-empty', ...message, ...options);
    return this.git('rev-parse', 'HEAD');
  }

  push(...args: string[]): void {
    this.git('push', '--quiet', 'origin', ...(args.length === 0 ? ['HEAD:main'] : args));
  }

  /** What git says of the bare repository. */
  onServer(...args: string[]): string {
    return execFileSync('git', ['--git-dir', this.url, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  /** Installs a hook on the server, as a shell script. */
  writeHook(name: 'pre-receive' | 'update' | 'post-receive', script: string): void {
    const path = join(this.url, 'hooks', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** A person who commits to the server all the time: one process, so that the pace can be kept. */
  committer(): { commit(path: string, text: string): void; end(): Promise<void> } {
    const importer = spawn('git', ['--git-dir', this.url, 'fast-import', '--quiet'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = new Promise<void>((resolve, reject) => {
      importer.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`fast-import: ${status}`))));
    });
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    let parent = 'from refs/heads/main^0\n';
    return {
      commit: (path, text) => {
        const head = `commit refs/heads/main\ncommitter T <t@example.com> ${Math.floor(Date.now() / 1000)} +0000\n`;
        importer.stdin.write(`${head}${data('A change')}${parent}M 100644 inline ${path}\n${data(text)}checkpoint\n`);
        parent = '';
      },
      end: () => {
        importer.stdin.end();
        return ended;
      },
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
