import type { BenchRow } from './bench-row.ts';
import { short } from './progress.ts';

/** The rows as tables for docs/benchmarks.md: those with one peer or floor, and those with several peers. */
export function toMarkdown(rows: readonly BenchRow[]): string {
  const [single, several] = [rows.filter(({ peers }) => peers === undefined), rows.filter(({ peers }) => peers)];
  return [single.length > 0 ? singleTable(single) : [], several.length > 0 ? severalTable(several) : []]
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .filter((table) => table !== '')
    .join('\n');
}

function singleTable(rows: readonly BenchRow[]): string[] {
  const lines = rows.map(
    ({ id, unit, ours, against, ratio, goal }) =>
      `| \`${id}\` | ${short(ours)} ${unit} | ${short(against)} ${unit} | ${short(ratio)} | ${short(goal)} |`,
  );
  return ['| row | Slipway | against | ratio | goal |', '|---|---|---|---|---|', ...lines];
}

function severalTable(rows: readonly BenchRow[]): string[] {
  const names = [...new Set(rows.flatMap(({ peers = {} }) => Object.keys(peers)))];
  const lines = rows.map(({ id, unit, ours, against, peers = {} }) => {
    const figures = [ours, ...names.map((name) => peers[name] ?? Number.NaN)].map(short);
    return `| \`${id}\` (${unit}) | ${figures.join(' | ')} | ${Number.isNaN(against) ? '–' : `≤ ${short(against)}`} |`;
  });
  const columns = ['row', 'Slipway', ...names, 'goal'];
  return [`| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`, ...lines];
}
