import { openProgram } from '../../apps/cli/program.module.ts';
import { runProgram } from '../../apps/cli/run-program.ts';
import type { CommandResult } from './run-slipway.ts';

/** How a command is run that does not end by itself. */
export interface Interruption {
  /** Ctrl-C comes when the command has printed something, or after so long. */
  readonly afterMs: number;
}

/**
 * Runs the command line in this process, where a thousand commands are to be run: the program of `main.ts` with all that belongs to it.
 * What it prints is caught, so that only one can run at a time.
 *
 * @param environment what is other than in this process.
 */
export async function runInProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  interruption?: Interruption,
): Promise<CommandResult> {
  // Those who run the tests listen, too.
  const others = process.listeners('SIGINT');
  const interrupt = () => {
    for (const listener of process.listeners('SIGINT')) if (!others.includes(listener)) listener('SIGINT');
  };
  using surroundings = takeOver(environment, interruption === undefined ? () => {} : interrupt);
  const timer = interruption === undefined ? undefined : setTimeout(interrupt, interruption.afterMs);
  try {
    await runProgram(openProgram(), words);
  } finally {
    clearTimeout(timer);
  }
  return { exitCode: Number(process.exitCode ?? 0), ...surroundings.printed };
}

/** Standard output, standard error, the environment and the exit status of this process, until they are given back. */
function takeOver(environment: Readonly<Record<string, string | undefined>>, onPrinted: () => void) {
  const printed = { stdout: '', stderr: '' };
  const { stdout, stderr, exitCode } = process;
  const writes = [stdout.write, stderr.write] as const;
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  setEnvironment(Object.entries(environment));
  process.exitCode = undefined;
  for (const [name, stream] of Object.entries({ stdout, stderr }))
    stream.write = (text: string | Uint8Array) => {
      printed[name as keyof typeof printed] += text.toString();
      if (name === 'stdout') onPrinted();
      return true;
    };
  return {
    printed,
    [Symbol.dispose]: () => {
      [stdout.write, stderr.write] = writes;
      process.exitCode = exitCode;
      setEnvironment(before);
    },
  };
}

function setEnvironment(values: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of values)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}
