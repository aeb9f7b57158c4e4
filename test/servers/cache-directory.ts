import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder outside of any checkout for what tests build or install once. `SLIPWAY_TEST_CACHE` moves it. */
export function cacheDirectory(name: string): string {
  const directory = join(process.env['SLIPWAY_TEST_CACHE'] ?? join(homedir(), '.cache/slipway'), name);
  mkdirSync(directory, { recursive: true });
  return directory;
}
