import type { Duplex } from 'node:stream';
import { type Program, type ProgramStart, startProgram } from '#adapters/child-process';
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
    throw failure(args, stderr, status);
  }

  async text(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).toString('utf8').trim();
  }

  /**
   * Runs git and answers its status instead of throwing; -1 when it was ended for taking too long.
   *
   * @throws SOURCE_UNAVAILABLE when it cannot be started.
   */
  async try(args: readonly string[], call: GitCall = {}): Promise<{ status: number; stdout: Buffer; stderr: string }> {
    const { program, output, lastWords } = this.#start(args, call);
    const stdout: Buffer[] = [];
    let size = 0;
    output.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > MAX_OUTPUT_BYTES) program.kill();
      else stdout.push(chunk);
    });
    const { code } = await program.ended;
    return { status: code ?? -1, stdout: Buffer.concat(stdout), stderr: lastWords() };
  }

  /**
   * What git writes, piece by piece as it comes, split at NUL bytes. Whoever stops reading ends git.
   *
   * @throws SOURCE_UNAVAILABLE when git fails.
   */
  async *pieces(args: readonly string[], call: GitCall = {}): AsyncGenerator<string> {
    const { program, output, lastWords } = this.#start(args, call);
    let isRead = false;
    try {
      let rest = '';
      for await (const chunk of output.setEncoding('utf8')) {
        const pieces = (rest + String(chunk)).split('\0');
        rest = pieces.pop() ?? '';
        yield* pieces;
      }
      if (rest !== '') yield rest;
      isRead = true;
    } finally {
      if (!isRead) program.kill();
    }
    const { code } = await program.ended;
    if (code !== 0) throw failure(args, lastWords(), code ?? -1);
  }

  #start(args: readonly string[], { config = [], environment, input = '', timeoutMs = TIMEOUT_MS }: GitCall): Started {
    const settings = [...SAFE_CONFIG, ...config].flatMap((setting) => ['-c', setting]);
    const program = startGit({
      command: 'git',
      args: [`--git-dir=${this.#gitDir}`, ...settings, ...args],
      env: { ...SAFE_ENVIRONMENT, ...inherited(), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const [stdin, output, errors] = program.streams as [Duplex, Duplex, Duplex];
    const timer = setTimeout(() => program.kill(), timeoutMs);
    void program.ended.finally(() => clearTimeout(timer));
    let stderr = '';
    errors.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-10_000);
    });
    // git may end before it has read everything.
    stdin.on('error', () => {}).resume();
    stdin.end(input);
    return { program, output, lastWords: () => stderr };
  }
}

interface Started {
  readonly program: Program;
  readonly output: Duplex;
  readonly lastWords: () => string;
}

function startGit(start: ProgramStart): Program {
  try {
    return startProgram(start);
  } catch (error) {
    const problem = `git cannot be run: ${(error as Error).message}`;
    throw new DomainError('SOURCE_UNAVAILABLE', problem, {}, { cause: error });
  }
}

function failure(args: readonly string[], stderr: string, status: number): DomainError {
  return new DomainError('SOURCE_UNAVAILABLE', `git ${args[0]} failed: ${lastLineOf(stderr) || `status ${status}`}`);
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
