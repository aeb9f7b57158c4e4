/**
 * Every check and test, in the order in which a fault is found soonest. `npm test` runs all of it;
 * `npm test -- unit conformance` runs the named suites alone.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from '../apps/cli/setup.mjs';

/** Of what a failed test said. */
const MAX_LINES = 12;

const suites = {
  check: () => run('npm', ['run', '--silent', 'check']),
  unit: () => vitest('unit'),
  native: testNative,
  conformance: () => vitest('conformance'),
  faults: () => vitest('faults'),
  e2e: () => vitest('e2e'),
};

const totals = { passed: 0, failed: 0 };
/** Of every failed test: where it is and what it said, for the end of a log of which only the end is kept. */
const failedTests = [];

/** What clients are told by one runtime, and what is survived, holds with the native one as well: by project, the tests that tell. */
const withNativeToo = {
  conformance: ['open-inference', 'datatypes', 'protocol-clients', 'sequences'],
  faults: ['runner-crash', 'hostile-models', 'memory-budget'],
  e2e: ['warm-up', 'ensembles'],
};

async function testNative() {
  const built = await run('node', ['test/native/build-addon.ts']);
  if (built !== 0) return built;
  const statuses = [await vitest('native')];
  for (const [project, names] of Object.entries(withNativeToo)) {
    const files = names.map((name) => `test/${project}/${name}.spec.ts`);
    statuses.push(await vitest(project, files, { SLIPWAY_GATEWAY_RUNTIME: 'native' }));
  }
  return Math.max(...statuses);
}

async function vitest(project, files = [], environment = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  const report = join(scratch, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    // What tests leave in the folder for temporary files goes with it.
    const status = await run('vitest', ['run', '--project', project, ...reporters, ...files], {
      TMPDIR: scratch,
      ...environment,
    });
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    failedTests.push(...testResults.flatMap(failuresOf));
    if (numPendingTests > 0) {
      console.error(`error: ${numPendingTests} tests of ${project} were skipped; a test never skips`);
      return 1;
    }
    return status;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** @param file a result of vitest's JSON report: a test file that may have failed before or after its tests, too. */
function failuresOf({ name, status, message, assertionResults }) {
  const place = relative(process.cwd(), name);
  const failed = assertionResults.filter((result) => result.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [`${place}\n  ${indented(message)}`];
  return failed.map(
    ({ fullName, failureMessages }) => `${place} > ${fullName}\n  ${indented(failureMessages.join('\n'))}`,
  );
}

function indented(text) {
  const lines = text.split('\n').filter((line) => !line.includes('/node_modules/'));
  return [...lines.slice(0, MAX_LINES), ...(lines.length > MAX_LINES ? ['…'] : [])].join('\n  ');
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`error: unknown suite ${unknown.join(', ')}: use ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}

const failures = [];
for (const [name, start] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`\n── ${name} ──`);
  if ((await start()) !== 0) failures.push(name);
}
if (failedTests.length > 0) console.error(`\n── what failed ──\n${failedTests.join('\n\n')}`);
if (failures.length > 0) console.error(`\nfailed: ${failures.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(failures.length > 0 ? 1 : 0);
