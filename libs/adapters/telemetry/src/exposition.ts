import type { BucketHistogram, Exemplar } from './bucket-histogram.ts';

/** One line of metrics. */
export interface MetricSample {
  /** What follows the family's name, such as `_sum`; empty for the name itself. */
  readonly suffix: string;
  /** As {@link labelText} gives them. */
  readonly labels: string;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** The samples of one name. */
export interface MetricFamily {
  /** That of a counter ends in `_total`, unless somebody else's dashboards know it without. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly samples: readonly MetricSample[];
}

/** The two forms in which Prometheus reads metrics. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** For the header `content-type`. */
export const EXPOSITION_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const TOTAL = '_total';

/** The form that a scraper wants, by its `accept`. Exemplars exist in OpenMetrics alone. */
export function expositionFormatFor(accept: string | undefined): ExpositionFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'text';
}

/**
 * Writes metrics.
 *
 * @see https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function writeExposition(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const family of families) writeFamily(family, format, lines);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** `name="value"` pairs with commas between them, escaped. */
export function labelText(labels: Readonly<Record<string, string | number>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
    .join(',');
}

/** The lines of a histogram. @param labels as {@link labelText} gives them. */
export function histogramSamples(labels: string, histogram: BucketHistogram): MetricSample[] {
  const { bounds, cumulative, sum } = histogram;
  const comma = labels === '' ? '' : ',';
  const buckets = cumulative.map((value, bucket) => ({
    suffix: '_bucket',
    labels: `${labels}${comma}le="${boundText(bounds[bucket] ?? Number.POSITIVE_INFINITY)}"`,
    value,
    exemplar: histogram.exemplarOf(bucket),
  }));
  const count = cumulative.at(-1) ?? 0;
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }];
}

function writeFamily({ name, help, type, samples }: MetricFamily, format: ExpositionFormat, lines: string[]): void {
  const isOpenMetrics = format === 'openmetrics';
  const isTotal = type === 'counter' && name.endsWith(TOTAL);
  // OpenMetrics names a counter's family without the ending, and knows no counter that has none: such a one keeps its name as `unknown`.
  const family = isOpenMetrics && isTotal ? name.slice(0, -TOTAL.length) : name;
  const word = isOpenMetrics && type === 'counter' && !isTotal ? 'unknown' : type;
  lines.push(`# HELP ${family} ${escapeHelp(help, isOpenMetrics)}`, `# TYPE ${family} ${word}`);
  for (const { suffix, labels, value, exemplar } of samples) {
    const braces = labels === '' ? '' : `{${labels}}`;
    const tail = isOpenMetrics && exemplar !== undefined ? exemplarText(exemplar) : '';
    lines.push(`${name}${suffix}${braces} ${numberText(value)}${tail}`);
  }
}

function exemplarText({ traceId, value, atSeconds }: Exemplar): string {
  return ` # {trace_id="${traceId}"} ${numberText(value)} ${atSeconds.toFixed(3)}`;
}

/** A bucket's bound is a float in both forms: as `1` in the one and `1.0` in the other it would be two series. */
export function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : numberText(bound);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(text: string, isOpenMetrics: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
