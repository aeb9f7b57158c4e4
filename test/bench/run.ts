/**
 * Measures one suite: `npm run bench -- <suite> [--json FILE]`. A suite is a file `<suite>.bench.ts` beside this one that exports
 * `measure(): Promise<BenchRow[]>`.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchRow } from './bench-row.ts';

const ending = '.bench.ts';
const suites = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length))
  .sort();

const usage = `usage: npm run bench -- <suite> [--json FILE]\nsuites: ${suites.join(', ')}`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const [suite] = positionals;
if (values.help === true) {
  console.log(usage);
} else if (suite === undefined || !suites.includes(suite)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const { measure } = (await import(join(import.meta.dirname, `${suite}${ending}`))) as {
    measure(): Promise<BenchRow[]>;
  };
  console.error(
    `measuring ${suite} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.versions.node}`,
  );
  const rows = await measure();
  console.table(
    rows.map((row) => ({ ...row, ours: round(row.ours), against: round(row.against), ratio: round(row.ratio) })),
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
