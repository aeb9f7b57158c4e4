import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installKservePython, installPython } from '../servers/python.ts';
import { FREE_PORTS } from './quickstart-process.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const root = join(import.meta.dirname, '../..');

/** Commands that start what the others talk to; they are run by other tests, as they stand. */
const STARTS_A_SERVER = ['npm run quickstart', 'npm test', 'npx slipway serve'];
/** Commands that are not run by tests: the quickstart's story is by others, and measuring takes up to a quarter of an hour. */
const TAKES_MINUTES = /^for run in|bench -- (registry|access|native|(gateway|rollout) --json)/;

/** Environments that would be installed anew; {@link prepareClients} brings the same from the cache. */
const INSTALLS_CLIENTS = /^python3 -m venv /;

/** A document's `bash` blocks, in order, each a script; without what starts a server. */
function scriptsOf(document: string): string[] {
  const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/^```bash\n([\s\S]*?)^```/gm)];
  const scripts = blocks.map(([, text = '']) =>
    text
      .split('\n')
      .filter((line) => !STARTS_A_SERVER.includes(line) && !INSTALLS_CLIENTS.test(line))
      .join('\n')
      .trim(),
  );
  return scripts.filter((script) => script !== '');
}

/** A folder that looks like the clone, with a state directory of its own. */
function workingCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'slipway-readme-'));
  for (const entry of ['package.json', 'package-lock.json', 'apps', 'test'])
    cpSync(join(root, entry), join(copy, entry), { recursive: true });
  for (const entry of ['dist', 'node_modules', 'libs', 'registry-schema'])
    symlinkSync(join(root, entry), join(copy, entry));
  for (const entry of ['tsconfig.json', 'tsconfig.build.json']) cpSync(join(root, entry), join(copy, entry));
  return copy;
}

describe.each(['README.md', ...globSync('docs/guides/*.md', { cwd: root })])('the commands of %s', (document) => {
  const copy = workingCopy();
  const servers: SlipwayServer[] = [];
  afterAll(async () => {
    for (const server of servers) await server.stop();
    rmSync(copy, { recursive: true, force: true });
  });

  it('work as they are printed, one after the other', async () => {
    const scripts = scriptsOf(document);
    expect(scripts.length).toBeGreaterThan(0);
    // The server that is started there has the certificate, or the keys, that are made first.
    if (/(tls|signing)\.md$/.test(document)) expect(runAsPrinted(scripts.shift() ?? '', copy).status).toBe(0);
    const server = await startSlipwayServer(join(copy, '.slipway'), settingsOf(document, copy));
    servers.push(server);
    if (document === 'README.md') prepareQuickstartState(copy);
    if (document.endsWith('clients.md')) await prepareClients(copy);
    for (const script of scripts) {
      const result = runAsPrinted(script, copy);
      expect(result.status, `${script}\n${result.stdout}${result.stderr}`).toBe(0);
    }
  });
});

/** What the quickstart that the document begins with sets. */
const AS_IN_THE_QUICKSTART = { SLIPWAY_ACCESS: 'open' };
/** `npx slipway serve` without a word about access. */
const AS_IT_COMES = { SLIPWAY_ACCESS: undefined };

/** What the document says to start the server with. */
function settingsOf(document: string, copy: string): Record<string, string | undefined> {
  const tls = join(copy, '.slipway/tls');
  if (document === 'README.md') return AS_IN_THE_QUICKSTART;
  if (document.endsWith('signing.md')) return { ...AS_IT_COMES, SLIPWAY_SIGNERS: join(copy, '.slipway/signers.yaml') };
  if (!document.endsWith('tls.md')) return AS_IT_COMES;
  return {
    ...AS_IT_COMES,
    SLIPWAY_TLS_CERT: join(tls, 'tls.crt'),
    SLIPWAY_TLS_KEY: join(tls, 'tls.key'),
    SLIPWAY_TLS_CA: join(tls, 'ca.crt'),
  };
}

/** What the quickstart leaves running, for the README's commands that come after it. */
function prepareQuickstartState(copy: string): void {
  for (const version of [1, 2]) {
    const file = `test/models/digits/digits-${version}.onnx`;
    expect(runAsPrinted(`npx slipway model push digits ${file}`, copy).status).toBe(0);
  }
  expect(runAsPrinted('npx slipway deploy digits@2 --watch', copy).status).toBe(0);
}

/** The Python clients of the guide, in the versions that it installs. */
async function prepareClients(copy: string): Promise<void> {
  symlinkSync(join(await installPython(), '../..'), join(copy, '.slipway/triton-client'));
  symlinkSync(join(await installKservePython(), '../..'), join(copy, '.slipway/kserve-client'));
}

function runAsPrinted(script: string, cwd: string) {
  // `npx slipway` in a clone runs the package's own command; here without npx, whose start takes most of a second.
  const program = script.replaceAll('npx slipway ', `${process.execPath} ${join(root, 'dist/apps/cli/main.js')} `);
  const env = { ...process.env, ...FREE_PORTS, SLIPWAY_STATE_DIR: undefined };
  return spawnSync('bash', ['-euo', 'pipefail', '-c', program], { cwd, encoding: 'utf8', timeout: 60_000, env });
}

it('the commands of docs/benchmarks.md that take seconds work', () => {
  const commands = scriptsOf('docs/benchmarks.md').filter((command) => !TAKES_MINUTES.test(command));
  expect(commands).toHaveLength(3);
  for (const command of commands) {
    const result = spawnSync('bash', ['-euc', command], { cwd: root, encoding: 'utf8', timeout: 120_000 });
    expect(result.status, `${command}\n${result.stdout}${result.stderr}`).toBe(0);
  }
});

it('every link between the documents leads somewhere', () => {
  const documents = globSync(
    ['*.md', 'docs/**/*.md', 'apps/*/*.md', 'libs/**/README.md', 'gitops/**/*.md', 'test/models/**/*.md'],
    { cwd: root },
  );
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, document, '..', target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

it('`npx slipway` in a clone is the command of this package', () => {
  const result = spawnSync('npx', ['slipway', '--version'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(result.stdout.trim(), result.stderr).toBe(version);
});
