import { spawnSync } from 'node:child_process';
import { requireProgram } from './system-program.ts';

/** What native/Cargo.toml asks for. */
const MINIMUM_MINOR = 92;
/** Debian 12 has newer ones under these names than under the plain ones. */
const DEBIAN_PACKAGES = ['cargo-web', 'rustc-web', 'rust-web-clippy', 'rustfmt-web'];

/** Makes sure that `cargo` builds, tests, lints and formats: the machine's own where it is new enough, else Debian's. */
export function requireRust(): Promise<void> {
  return requireProgram(
    `cargo of Rust 1.${MINIMUM_MINOR} or newer, with clippy and rustfmt`,
    DEBIAN_PACKAGES,
    isUsable,
  );
}

function isUsable(): boolean {
  const answers = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });
  const isNew = ['cargo', 'rustc'].every((name) => {
    const [, minor = '0'] = /^\w+ 1\.(\d+)/.exec(answers(name, '--version').stdout ?? '') ?? [];
    return Number(minor) >= MINIMUM_MINOR;
  });
  return isNew && ['clippy', 'fmt'].every((tool) => answers('cargo', tool, '--version').status === 0);
}
