import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinnedNode } from '../../apps/cli/setup.mjs';

const program = join(import.meta.dirname, '../../dist/apps/cli/main.js');

/** A command that runs in a terminal of its own. */
export interface TerminalSession {
  readonly child: ChildProcess;
  /** All that was written to the terminal so far, control sequences included. */
  output(): string;
  readonly exited: Promise<number | null>;
}

/**
 * Runs the built command line in a pseudo-terminal.
 *
 * @see script(1) of util-linux
 */
export function openTerminal(
  server: { readonly stateDir: string },
  args: readonly string[],
  { columns, rows, settings = {} }: { columns: number; rows: number; settings?: Record<string, string> },
): TerminalSession {
  const quoted = [pinnedNode, program, ...args].map((word) => `'${word}'`).join(' ');
  const command = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Whatever else is set here (CI, NO_COLOR) would decide on colours.
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SLIPWAY_STATE_DIR: server.stateDir, ...settings },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, output: () => output, exited };
}

/** The frames of a view that is redrawn in place, each as the lines that it wrote; looks are left out. */
export function framesOf(output: string): string[][] {
  return output
    .split('\x1b[?2026h')
    .slice(1)
    .map((frame) => frame.slice(0, frame.indexOf('\x1b[J')))
    .map((frame) => withoutControls(frame).trimEnd().split('\n'));
}

/** Whether any text was given a colour or a weight. */
export function hasLooks(output: string): boolean {
  return sequencesIn(output).some((sequence) => /^[0-9;]*m/.test(sequence));
}

function withoutControls(text: string): string {
  const [plain = '', ...sequences] = text.replaceAll('\r', '').split('\x1b[');
  return [plain, ...sequences.map((sequence) => sequence.replace(/^[0-9;]*[A-Za-z]/, ''))].join('');
}

/** What follows each introducer of a control sequence. */
function sequencesIn(output: string): string[] {
  return output.split('\x1b[').slice(1);
}
