import { spawnSync } from 'node:child_process';
import { runCommand } from './run-command.ts';

/**
 * Makes sure that a program of the system is there: installs Debian packages where that is possible, and says what to install where
 * it is not.
 *
 * @param isUsable whether the program that is there, if any, will do.
 */
export async function requireProgram(
  name: string,
  packages: readonly string[],
  isUsable = () => canRun(name),
): Promise<void> {
  if (isUsable()) return;
  const isDebianRoot = process.getuid?.() === 0 && canRun('apt-get');
  if (isDebianRoot) {
    process.stderr.write(`installing ${packages.join(' ')} …\n`);
    await runCommand('apt-get', ['update', '--quiet']);
    await runCommand('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...packages], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
  }
  if (!isUsable())
    throw new Error(`the tests need \`${name}\`: install it (on Debian: apt-get install ${packages.join(' ')})`);
}

function canRun(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}
