/**
 * Builds the addon and puts it where its adapter finds it: `npm run build:native`. Says what is missing where there is no Rust.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const { status, error } = spawnSync('cargo', ['build', '--release', '--locked'], { cwd: folder, stdio: 'inherit' });
if (error !== undefined) {
  console.error(`error: cargo cannot be run (${error.message}): install Rust 1.92 or newer (https://rustup.rs)`);
  process.exit(1);
}
if (status !== 0) process.exit(status ?? 1);

const built = process.platform === 'darwin' ? 'libslipway_native.dylib' : 'libslipway_native.so';
const target = process.env.CARGO_TARGET_DIR ?? join(folder, 'target');
// A program may have the old one open: it keeps that.
const fresh = join(folder, '.slipway-native.node');
copyFileSync(join(target, 'release', built), fresh);
renameSync(fresh, join(folder, 'slipway-native.node'));
