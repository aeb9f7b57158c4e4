import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { DomainError } from '#domain/errors';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Settings that hold for every call: no hooks of ours, no credential prompts, no maintenance in the background, and no protocol
 * by which a repository could name a program to run.
 */
const SAFE_CONFIG = [
  'core.hooksPath=/dev/null',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.ext.allow=never',
  // A server that says nothing for half a minute is given up.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=30',
];
const SAFE_ENVIRONMENT = {
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3',
  GIT_ALLOW_PROTOCOL: 'file:https:ssh',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  LC_ALL: 'C',
};

/** What a call of git is given beside its arguments. */
export interface GitCall {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings for this call, as `name=value`. */
  readonly config?: readonly string[];
  /** Most time that it may take. */
  readonly timeoutMs?: number;
}

/** The git program on one repository, with fixed arguments: nothing from outside is ever parsed as an option. */
export class GitProgram {
  readonly #gitDir: string;

  constructor(gitDir: string) {
    this.#gitDir = gitDir;
  }

  /** @throws SOURCE_UNAVAILABLE with git's own last words when it fails. */
  async run(args: readonly string[], call: GitCall = {}): Promise<Buffer> {
    const { status, stdout, stderr } = await this.try(args, call);
    if (status === 0) return stdout;
    throw new DomainError('SOURCE_UNAVAILABLE', `git ${args[0]} failed: ${lastLineOf(stderr) || `status ${status}`}`);
  }

  async text(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).toString('utf8').trim();
  }

  /** Runs git and answers its status instead of throwing; -1 when it was ended for taking too long. */
  try(args: readonly string[], call: GitCall = {}): Promise<{ status: number; stdout: Buffer; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn(args, call);
      const stdout: Buffer[] = [];
      let size = 0;
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
        else stdout.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString('utf8')).slice(-10_000);
      });
      child.on('error', (error) => {
        reject(new DomainError('SOURCE_UNAVAILABLE', `git cannot be run: ${error.message}`, {}, { cause: error }));
      });
      child.on('close', (code) => resolve({ status: code ?? -1, stdout: Buffer.concat(stdout), stderr }));
      // git may end before it has read everything.
      child.stdin.on('error', () => {});
      child.stdin.end(call.input ?? '');
    });
  }

  /**
   * What git writes, piece by piece as it comes, split at NUL bytes. Whoever stops reading ends git.
   *
   * @throws SOURCE_UNAVAILABLE when git fails.
   */
  async *pieces(args: readonly string[], call: GitCall = {}): AsyncGenerator<string> {
    const child = this.#spawn(args, call);
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(-1));
      child.once('close', (code) => resolve(code ?? -1));
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-10_000);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(call.input ?? '');
    let isRead = false;
    try {
      let rest = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        const pieces = (rest + String(chunk)).split('\0');
        rest = pieces.pop() ?? '';
        yield* pieces;
      }
      if (rest !== '') yield rest;
      isRead = true;
    } finally {
      if (!isRead) child.kill('SIGKILL');
    }
    const status = await ended;
    if (status !== 0) {
      throw new DomainError('SOURCE_UNAVAILABLE', `git ${args[0]} failed: ${lastLineOf(stderr) || `status ${status}`}`);
    }
  }

  #spawn(
    args: readonly string[],
    { config = [], environment, timeoutMs = TIMEOUT_MS }: GitCall,
  ): ChildProcessWithoutNullStreams {
    const settings = [...SAFE_CONFIG, ...config].flatMap((setting) => ['-c', setting]);
    return spawn('git', [`--git-dir=${this.#gitDir}`, ...settings, ...args], {
      env: { ...SAFE_ENVIRONMENT, ...inherited(), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
  }
}

/** Where programs and the user's keys are; nothing that would point git at another repository. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO'];
  // biome-ignore lint/style/noProcessEnv: what a child process inherits is no configuration of ours
  const own = process.env;
  return Object.fromEntries(
    names.map((name) => [name, own[name]]).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
