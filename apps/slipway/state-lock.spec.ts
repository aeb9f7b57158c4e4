import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockStateDirectory, StateDirectoryInUse } from './state-lock.ts';

const freshDirectory = () => mkdtempSync(join(tmpdir(), 'state-lock-'));

it('refuses a second holder until the first releases', async () => {
  const directory = freshDirectory();
  const first = await lockStateDirectory(directory);
  await expect(lockStateDirectory(directory)).rejects.toThrow(StateDirectoryInUse);
  await first.release();
  const second = await lockStateDirectory(directory);
  await second.release();
});

it('is free again after its holder was killed', async () => {
  const directory = freshDirectory();
  const source = `import { lockStateDirectory } from ${JSON.stringify(join(import.meta.dirname, 'state-lock.ts'))};
    await lockStateDirectory(${JSON.stringify(directory)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(lockStateDirectory(directory)).rejects.toThrow(/in use by another slipway/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await lockStateDirectory(directory);
  await lock.release();
});
