import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { residentBytes } from './resident-memory.ts';

const MIB = 1024 * 1024;

it('tells what a process takes, and follows it when it grows', async () => {
  const program =
    'process.stdin.on("data", () => { globalThis.kept = Buffer.alloc(200 * 2 ** 20, 1); console.log(); })';
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await once(child, 'spawn');
    child.stdin.write('grow');
    await once(child.stdout, 'data');
    const bytes = (await residentBytes(child.pid ?? 0)) ?? 0;
    expect(bytes).toBeGreaterThan(200 * MIB);
    expect(bytes).toBeLessThan(400 * MIB);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await residentBytes(child.pid ?? 0)).toBeUndefined();
});
