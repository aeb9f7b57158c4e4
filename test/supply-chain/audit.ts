/**
 * Asks the package registry for known faults of what is installed for production: `npm run audit`.
 *
 * Exit status 0: none that is high or critical. 1: some are. 2: the registry gave no answer, so nothing is known.
 */
import { spawnSync } from 'node:child_process';
import { root } from './lock-file.ts';

/** What npm says of a vulnerable package. */
interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  /** Advisories, or the names of packages by which this one is affected. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

const FAILING = ['high', 'critical'];

const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json', ...process.argv.slice(2)], {
  cwd: root,
  encoding: 'utf8',
});
const vulnerabilities = readVulnerabilities(stdout);
if (vulnerabilities === undefined) {
  console.error(
    `error: the package registry did not answer whether anything installed has known faults, so nothing is known of them:\n` +
      `${`${stdout}${stderr}`.trim()}\n` +
      'ask another one: npm run audit -- --registry=https://registry.npmjs.org',
  );
  process.exitCode = 2;
} else {
  const failing = vulnerabilities.filter(({ severity }) => FAILING.includes(severity));
  for (const { name, range, severity, via } of failing) {
    const reasons = via.map((reason) =>
      typeof reason === 'string' ? `by ${reason}` : `${reason.title} (${reason.url})`,
    );
    console.error(`${severity}: ${name} ${range}: ${reasons.join('; ')}`);
  }
  const others = vulnerabilities.length - failing.length;
  console.error(`${failing.length} packages with high or critical faults, ${others} with lesser ones`);
  if (failing.length > 0) process.exitCode = 1;
}

/** `undefined` when npm has no answer, but an error. */
function readVulnerabilities(text: string): readonly Vulnerability[] | undefined {
  try {
    const { vulnerabilities: found } = JSON.parse(text) as { vulnerabilities?: Record<string, Vulnerability> };
    return found === undefined ? undefined : Object.values(found);
  } catch {
    return undefined;
  }
}
