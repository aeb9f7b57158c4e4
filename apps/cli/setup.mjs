/**
 * Makes a fresh clone runnable, then runs a task of it. The only file that must work before anything is installed: plain
 * JavaScript, no dependencies, Node.js 20 or newer.
 *
 *     node apps/cli/setup.mjs                      install and build, if needed
 *     node apps/cli/setup.mjs quickstart [options] … then the guided tour
 *     node apps/cli/setup.mjs test [suite…]        … then every check and test
 *     node apps/cli/setup.mjs bench <suite>        … then the measurements of docs/benchmarks.md
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const minimumNodeMajor = 20;
/** Standard output belongs to the task: what sets up speaks on standard error. */
const quiet = ['inherit', 2, 2];

/** ONNX Runtime reports to its makers otherwise: where tests and measurements run it themselves, or in other servers. */
const quietRuntime = { ORT_DISABLE_TELEMETRY: '1' };

const tasks = {
  quickstart: [['dist/apps/cli/main.js', 'quickstart']],
  test: [['test/run.mjs']],
  bench: [['--conditions=slipway-source', 'test/bench/run.ts']],
};

/** Where the pinned Node.js is once the dependencies are installed. */
export const pinnedNode = join(root, 'node_modules/node/bin/node');

/** Installs the dependencies and builds, where the clone is not up to date. */
export async function prepareClone() {
  requireHostTools();
  await installDependencies();
  await build();
}

function requireHostTools() {
  if (Number(process.versions.node.split('.')[0]) < minimumNodeMajor) {
    fail(
      `Node.js ${process.versions.node} is too old: install Node.js ${minimumNodeMajor} or newer (https://nodejs.org)`,
    );
  }
  for (const tool of ['npm', 'git']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0) {
      fail(`\`${tool}\` was not found on the PATH: install it, then run this again`);
    }
  }
}

async function installDependencies() {
  const stamp = join(root, 'node_modules/.slipway-installed');
  const wanted = digestOf([readFileSync(join(root, 'package-lock.json'))]);
  if (existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  announce('installing the dependencies (npm ci)');
  // Engine warnings speak of the host's Node.js; everything here runs on the pinned one.
  const status = await run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      // Older npm versions do not know `allowScripts`; this keeps the runtime from downloading GPU libraries all the same.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
    },
    quiet,
  );
  if (status !== 0) fail('`npm ci` failed: see its message above');
  if (!existsSync(pinnedNode)) {
    fail('the pinned Node.js was not installed: npm must be allowed to run the install script of the package `node`');
  }
  writeFileSync(stamp, wanted);
}

async function build() {
  const stamp = join(root, 'dist/.built');
  const sources = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'apps', 'libs', 'registry-schema'];
  const wanted = digestOf(sources.flatMap((source) => fingerprints(join(root, source))));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  announce('building');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const status = await run(pinnedNode, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {}, quiet);
  if (status !== 0) fail('the build failed: see the messages above');
  writeFileSync(stamp, wanted);
}

function fingerprints(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return [`${path} ${stats.size} ${stats.mtimeMs}`];
  return readdirSync(path)
    .sort()
    .flatMap((name) => fingerprints(join(path, name)));
}

function digestOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Runs a program in the clone and answers its exit status; a signal to us is passed on. */
export function run(command, args, environment = {}, stdio = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio,
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
        ...quietRuntime,
        ...environment,
      },
    });
    const pass = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, pass);
    child.on('error', (error) => fail(`cannot run ${command}: ${error.message}`));
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function announce(text) {
  process.stderr.write(`slipway: ${text} …\n`);
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [task, ...args] = process.argv.slice(2);
  if (task !== undefined && !Object.hasOwn(tasks, task))
    fail(`unknown task \`${task}\`: use ${Object.keys(tasks).join(', ')}`);
  await prepareClone();
  for (const command of task === undefined ? [] : tasks[task]) {
    const status = await run(pinnedNode, [...command, ...args]);
    if (status !== 0) process.exit(status);
  }
}
