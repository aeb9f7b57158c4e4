/**
 * Measures one suite: `npm run bench -- <suite> [options]`. A suite is a file `<suite>.bench.ts` beside this one that exports
 * `measure(options: BenchOptions): Promise<BenchRow[]>`.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench-options.ts';
import type { BenchRow } from './bench-row.ts';
import { toMarkdown } from './bench-table.ts';

const ending = '.bench.ts';
const suites = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length))
  .sort();

const usage = `usage: npm run bench -- <suite> [options]
suites: ${suites.join(', ')}

  --json FILE, --markdown FILE   write the rows there, too

of the suite rollout alone:
  --only PREFIX                  measure the rows whose ids begin so (repeatable), e.g. detect-100
  --quick                        show that everything runs; the figures mean little
  --runs COUNT                   rollouts of each kind of bad candidate (default: 200; quick: 4)

of the suite gateway alone:
  --only PREFIX                  measure the rows whose ids begin so (repeatable), e.g. mlp-784/json/fastapi
  --quick                        show that everything runs; the figures mean nothing
  --full                         measure every combination, not only those of docs/benchmarks.md
  --server-cores CORES           cores for every server, as taskset takes them (default: 0)
  --load-cores CORES             cores for the load (default: 1)
  --overload-seconds SECONDS     how long the overload lasts (default: 60; quick: 4)
  --swaps COUNT                  how often a model is swapped (default: 20; quick: 2)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    markdown: { type: 'string' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    'server-cores': { type: 'string' },
    'load-cores': { type: 'string' },
    'overload-seconds': { type: 'string' },
    swaps: { type: 'string' },
    runs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [suite] = positionals;
if (values.help === true) {
  console.log(usage);
} else if (suite === undefined || !suites.includes(suite)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const { measure } = (await import(join(import.meta.dirname, `${suite}${ending}`))) as {
    measure(options: BenchOptions): Promise<BenchRow[]>;
  };
  console.error(
    `measuring ${suite} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.versions.node}`,
  );
  const rows = await measure(readOptions());
  console.table(rows.map(({ peers, ...row }) => rounded({ ...row, ...peers })));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, toMarkdown(rows));
}

function readOptions(): BenchOptions {
  const isQuick = values.quick === true;
  return {
    only: values.only ?? [],
    effort: isQuick ? 'quick' : values.full === true ? 'full' : 'normal',
    serverCores: values['server-cores'] ?? '0',
    loadCores: values['load-cores'] ?? '1',
    overloadSeconds: Number(values['overload-seconds'] ?? (isQuick ? 4 : 60)),
    swaps: Number(values.swaps ?? (isQuick ? 2 : 20)),
    runs: Number(values.runs ?? (isQuick ? 4 : 200)),
  };
}

function rounded(row: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const round = (value: string | number) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, round(value)]));
}
