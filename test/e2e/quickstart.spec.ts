import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { freshStateDirectory, runQuickstart } from './quickstart-process.ts';

const stateDir = freshStateDirectory();
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

describe('npm run quickstart -- --once', () => {
  it('tells the whole story from an empty folder, with no failed client request', async () => {
    const run = await runQuickstart(stateDir);
    expect(run.output, run.output).toMatch(/failed client requests +0\n/);
    expect(run.output).toMatch(/rollback commit +[0-9a-f]{10}/);
    expect(run.exitCode).toBe(0);
  });

  it('tells it again from the kept state', async () => {
    const run = await runQuickstart(stateDir);
    expect(run.output, run.output).toMatch(/failed client requests +0\n/);
    expect(run.exitCode).toBe(0);
  });
});
