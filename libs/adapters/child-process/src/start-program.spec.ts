import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ProgramStart } from './program.ts';
import { startProgram } from './start-program.ts';

const env = { GREETING: 'grüß dich' };
const shell = (script: string, more: Partial<ProgramStart> = {}): ProgramStart => ({
  command: 'sh',
  args: ['-c', script],
  env,
  stdio: ['pipe', 'pipe', 'pipe'],
  ...more,
});

/** Runs a program to its end, with what is written to it. */
async function outcomeOf(start: ProgramStart, input = '') {
  const program = startProgram(start);
  const texts = program.streams.map((stream, fd) => {
    const chunks: Buffer[] = [];
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (fd === 0) stream?.end(input);
    return () => Buffer.concat(chunks).toString();
  });
  const ended = await program.ended;
  return { ...ended, texts: texts.map((text) => text()), isGone: !isThere(program.pid) };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('startProgram', () => {
  it('gives a program its arguments, its environment, its folder and what is written to it', async () => {
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'start-program-')));
    const script = 'echo "$GREETING|$HOME|$0|$1|$(pwd)"; cat; echo warned >&2; exit 3';
    const start = shell(script, { cwd, args: ['-c', script, 'name', 'a "b" c'] });
    expect(await outcomeOf(start, 'line\n')).toEqual({
      code: 3,
      signal: null,
      texts: ['', `grüß dich||name|a "b" c|${cwd}\nline\n`, 'warned\n'],
      isGone: true,
    });
  });

  it('brings what it writes in whole, however much it is', async () => {
    const { texts } = await outcomeOf(shell('head -c 10000000 /dev/zero'));
    expect(texts[1]?.length).toBe(10_000_000);
  });

  it('takes what it does not read', async () => {
    expect(await outcomeOf(shell('exit 0'), 'x'.repeat(1_000_000))).toMatchObject({ code: 0 });
  });

  it('gives it descriptors of this process, and no others', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'start-program-')), 'file');
    writeFileSync(file, '');
    const fd = openSync(file, 'r+');
    const other = openSync('/dev/null', 'r');
    const script = 'echo given >&4; echo back >&3; ls /proc/self/fd';
    const { texts } = await outcomeOf(shell(script, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', fd] }));
    closeSync(fd);
    closeSync(other);
    expect(readFileSync(file, 'utf8')).toBe('given\n');
    expect(texts[3]).toBe('back\n');
    if (process.platform === 'linux') expect(texts[1]?.trim().split('\n')).not.toContain(String(other));
  });

  it('kills it, and tells so', async () => {
    const program = startProgram(shell('exec sleep 60'));
    for (const stream of program.streams) stream?.resume();
    await sleep(20);
    program.kill();
    expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(isThere(program.pid)).toBe(false);
    // Its number may be another's by now.
    program.kill();
  });

  it('lets it end by signals that this process ignores', async () => {
    // Node.js ignores SIGPIPE, and what is ignored stays so in a new program.
    expect(await outcomeOf(shell('kill -PIPE $$; echo still here'))).toMatchObject({ code: null, signal: 'SIGPIPE' });
  });

  it('is an error where there is no such program', () => {
    expect(() => startProgram(shell('', { command: 'no-such-program' }))).toThrow(
      expect.objectContaining({ code: process.platform === 'linux' ? 'ENOENT' : 'EAGAIN' }),
    );
  });

  it('loses no descriptor', async () => {
    const open = () => (process.platform === 'linux' ? openSync('/dev/null', 'r') : 0);
    const before = open();
    closeSync(before);
    for (let count = 0; count < 20; count += 1) {
      await outcomeOf(shell('true'));
      expect(() => startProgram(shell('', { command: 'no-such-program' }))).toThrow();
    }
    await sleep(20);
    const after = open();
    closeSync(after);
    expect(after).toBeLessThanOrEqual(before + 2);
  });

  it('starts many at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => outcomeOf(shell(`exit ${index}`))));
    expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map((_, index) => index));
  });
});
