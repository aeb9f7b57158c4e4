import type { BenchRow } from './bench-row.ts';
import { short } from './progress.ts';

/** The rows as a table for docs/benchmarks.md. */
export function toMarkdown(rows: readonly BenchRow[]): string {
  const lines = rows.map(
    ({ id, unit, ours, against, ratio, goal }) =>
      `| \`${id}\` | ${short(ours)} ${unit} | ${short(against)} ${unit} | ${short(ratio)} | ${short(goal)} |`,
  );
  return ['| row | Slipway | against | ratio | goal |', '|---|---|---|---|---|', ...lines, ''].join('\n');
}
