import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HostedPlugin, type PluginOptions, type WorkerPlugin } from '#application/plugin';
import { type PrintedLine, ThreadWorkers } from './thread-workers.ts';

/** A plugin that does what each call says. */
const OBEDIENT = `
import { createHash } from 'node:crypto';
let config;
export async function init(given, host) {
  config = given;
  if (given.initThrows) throw new Error('no licence');
  if (given.initHangs) for (;;);
  console.log('hello from ' + host.name);
}
export async function execute({ act, text }: { readonly act: string; readonly text?: string }) {
  switch (act) {
    case 'answer': return { text, config, hash: createHash('sha256').update(text ?? '').digest('hex').slice(0, 4) };
    case 'throw': throw new Error('bad\\nday');
    case 'throw-text': throw 'only a text';
    case 'refuse': throw Object.assign(new Error('the text is empty'), { code: 'INPUT_INVALID' });
    case 'spin': for (;;);
    case 'never': return new Promise(() => {});
    case 'exit': process.exit(3);
    case 'late': setTimeout(() => { throw new Error('afterwards'); }, 1); await new Promise((resolve) => setTimeout(resolve, 200)); return 'late';
    case 'reject': void Promise.reject(new Error('unheard')); await new Promise((resolve) => setTimeout(resolve, 200)); return 'late';
    case 'heap': { const all = []; for (;;) all.push(Array.from({ length: 1000 }, () => ({}))); }
    case 'buffers': { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); }
    case 'flood': for (let line = 0; line < 20000; line += 1) console.log('line ' + line); return 'flooded';
    case 'function': return () => 1;
    case 'env': return [process.env, process.argv.length];
    case 'kill': process.kill(process.pid, 'SIGKILL'); return 'killed';
    case 'import': return Object.keys(await import(text ?? '')).length > 0;
    case 'builtin': return process.getBuiltinModule('fs') !== undefined;
    case 'fetch': return typeof fetch;
  }
}
export async function shutdown() {
  if (config.shutdownHangs) for (;;);
  console.log('goodbye');
}
`;

const running: HostedPlugin[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((plugin) => plugin.stop()));
});

function host(options: Partial<PluginOptions> = {}, source = OBEDIENT) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-plugin-test-'));
  writeFileSync(join(folder, 'index.ts'), source);
  const loaded: WorkerPlugin = {
    folder,
    manifest: {
      name: 'obedient',
      version: '1.0.0',
      interface: '1.0',
      kind: 'gate',
      entry: 'index.ts',
      description: undefined,
      config: {},
      inputs: undefined,
      outputs: undefined,
    },
    options: {
      path: folder,
      digest: '',
      config: {},
      serves: [],
      instances: 1,
      memoryMib: 64,
      initMs: 20_000,
      executeMs: 5000,
      shutdownMs: 1000,
      grants: [],
      ...options,
    },
  };
  const lines: PrintedLine[] = [];
  const lost: string[] = [];
  const plugin = new HostedPlugin(loaded, {
    workers: new ThreadWorkers((line) => lines.push(line)),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    nowMs: () => Date.now(),
    events: {
      onFailure: () => {},
      onLost: (_, reason, isGivenUp) => lost.push(`${reason}${isGivenUp ? ': given up' : ''}`),
    },
  });
  plugin.start();
  running.push(plugin);
  const ask = (act: string, text?: string) => plugin.execute(() => ({ value: { act, text }, transfer: [] }));
  return { plugin, ask, lines, lost };
}

describe('a plugin in its worker', () => {
  it('is given its configuration, answers calls in order, and shuts down when the host does', async () => {
    const { ask, plugin, lines } = host({ config: { factor: 2 } });
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => ask('answer', text)));
    expect(answers).toMatchObject([{ text: 'a', config: { factor: 2 } }, { text: 'b' }, { text: 'c' }]);
    expect(plugin.status).toMatchObject({ state: 'ready', calls: 3, failures: 0, losses: 0, lastError: undefined });
    await plugin.stop();
    expect(plugin.status.state).toBe('stopped');
    await vi.waitFor(() => expect(lines.map(({ line }) => line)).toEqual(['hello from obedient', 'goodbye']));
    await expect(ask('answer')).rejects.toMatchObject({ code: 'PLUGIN_UNAVAILABLE' });
  });

  it.each([
    ['throw', 'PLUGIN_FAILED', 'threw: bad day'],
    ['throw-text', 'PLUGIN_FAILED', 'threw: only a text'],
    ['refuse', 'INPUT_INVALID', 'the text is empty'],
    ['function', 'PLUGIN_FAILED', 'could not be cloned'],
  ])('whose call ends with %s is told, and keeps its worker', async (act, code, message) => {
    const { ask, plugin } = host();
    await expect(ask(act)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(ask('answer', 'next')).resolves.toMatchObject({ text: 'next' });
    expect(plugin.status).toMatchObject({ losses: 0, failures: code === 'INPUT_INVALID' ? 0 : 1 });
  });

  it.each([
    ['spin', 'execute took longer than 400 ms'],
    ['never', 'execute took longer than 400 ms'],
    ['exit', 'it exited with status 3'],
    ['late', 'it threw outside of a call: afterwards'],
    ['reject', 'it threw outside of a call: unheard'],
  ])('whose call does %s loses its worker, and the next call has another one', async (act, reason) => {
    const { ask, plugin, lost } = host({ executeMs: 400 });
    await ask('answer');
    const first = ask(act);
    const next = ask('answer', 'next');
    await expect(first).rejects.toMatchObject({ code: 'PLUGIN_FAILED', message: expect.stringContaining(reason) });
    await expect(next).resolves.toMatchObject({ text: 'next' });
    expect(lost).toEqual([reason]);
    expect(plugin.status).toMatchObject({
      state: 'ready',
      losses: 1,
      lastError: { message: expect.stringContaining(reason) },
    });
  });

  it.each(['heap', 'buffers'])('that eats memory with %s is ended before it takes the host along', async (act) => {
    const { ask } = host({ executeMs: 20_000 });
    await expect(ask(act)).rejects.toMatchObject({ message: expect.stringContaining('more than 64 MiB of memory') });
    await expect(ask('answer', 'next')).resolves.toMatchObject({ text: 'next' });
  });

  it('that floods its output is heard fifty times a second, and goes on', async () => {
    const { ask, lines } = host({ executeMs: 20_000 });
    await expect(ask('flood')).resolves.toBe('flooded');
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(10));
    expect(lines.length).toBeLessThan(1500);
    await expect(ask('answer', 'next')).resolves.toMatchObject({ text: 'next' });
  });

  it.each([
    ['throws in init', { initThrows: true }, 'it cannot be loaded: no licence'],
    ['hangs in init', { initHangs: true }, 'init took longer than 300 ms'],
  ])('that %s is tried five times, given up, and refuses calls at once then', async (_, config, reason) => {
    const { ask, plugin, lost } = host({ config, initMs: 'initHangs' in config ? 300 : 20_000 });
    await expect(ask('answer')).rejects.toMatchObject({ code: 'PLUGIN_UNAVAILABLE' });
    await vi.waitFor(() => expect(plugin.status.state).toBe('failed'), 25_000);
    expect(lost).toEqual([...Array(4).fill(reason), `${reason}: given up`]);
    await expect(ask('answer')).rejects.toMatchObject({ message: expect.stringContaining(reason) });
  });

  it('that is no module with an execute is told so', async () => {
    const { ask, lost } = host({}, 'export const run = 1;');
    await expect(ask('answer')).rejects.toMatchObject({ code: 'PLUGIN_UNAVAILABLE' });
    expect(lost[0]).toBe('it cannot be loaded: index.ts exports no function execute');
  });

  it('that hangs at its end is ended', async () => {
    const { ask, plugin } = host({ config: { shutdownHangs: true }, shutdownMs: 200 });
    await ask('answer');
    await plugin.stop();
    expect(plugin.status.state).toBe('stopped');
  });

  it('that is told to stop while it loads is ended in time', async () => {
    const { plugin } = host({ config: { shutdownHangs: true }, shutdownMs: 500 });
    await plugin.stop();
    expect(plugin.status.state).toBe('stopped');
  });

  it('gets no call that nobody waits for any more, nor one that cannot be sent', async () => {
    const { plugin, ask } = host();
    await ask('answer');
    const message = () => ({ value: { act: 'answer' }, transfer: [] });
    await expect(plugin.execute(message, () => false)).rejects.toMatchObject({ code: 'PLUGIN_UNAVAILABLE' });
    const unsendable = plugin.execute(() => ({ value: { act: () => 1 }, transfer: [] }));
    const next = ask('answer', 'next');
    await expect(unsendable).rejects.toMatchObject({ message: expect.stringContaining('the call cannot be sent') });
    await expect(next).resolves.toMatchObject({ text: 'next' });
    expect(plugin.status.calls).toBe(2);
  });

  it('takes nobody along: while one instance hangs, the other answers', async () => {
    const { ask } = host({ instances: 2, executeMs: 1500 });
    await Promise.all([ask('answer'), ask('answer')]);
    const hanging = ask('spin');
    await expect(ask('answer', 'beside')).resolves.toMatchObject({ text: 'beside' });
    await expect(hanging).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  });

  it('has at most 256 calls waiting', async () => {
    const { ask } = host();
    const calls = Array.from({ length: 257 }, () => ask('answer'));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(256);
    await expect(calls[256]).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });
});

describe('the fence around a plugin', () => {
  it.each([
    ['kill', undefined, 'process.kill is not a function'],
    ['builtin', undefined, 'process.getBuiltinModule is not a function'],
    ['import', 'node:child_process', 'plugins may not have it'],
    ['import', 'worker_threads', 'plugins may not have it'],
    ['import', 'node:module', 'plugins may not have it'],
    ['import', 'node:fs', 'allow: [files] in the list of plugins gives it'],
    ['import', 'https', 'allow: [network] in the list of plugins gives it'],
    ['import', 'data:text/javascript,export const a = 1', 'plugins may not have it'],
    ['import', '/etc/hostname', 'plugins may not have it'],
    ['import', '../../../../../etc/hostname', 'plugins may not have it'],
  ])('keeps it from %s %s', async (act, text, message) => {
    const { ask } = host();
    await expect(ask(act, text)).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  it('shows it no environment and no network', async () => {
    const { ask } = host();
    expect(await ask('env')).toEqual([{}, 2]);
    expect(await ask('fetch')).toBe('undefined');
  });

  it('has gates for what the operator allows', async () => {
    const { ask } = host({ grants: ['network', 'files'] });
    expect(await ask('import', 'node:fs/promises')).toBe(true);
    expect(await ask('import', 'https')).toBe(true);
    expect(await ask('fetch')).toBe('function');
    await expect(ask('import', 'node:child_process')).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  });
});
