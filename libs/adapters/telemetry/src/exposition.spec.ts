import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { BucketHistogram } from './bucket-histogram.ts';
import { clientMetrics } from './client-metrics.ts';
import { expositionFormatFor, histogramSamples, labelText, type MetricFamily, writeExposition } from './exposition.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const counter = (name: string): MetricFamily => ({
  name,
  help: 'Help.',
  type: 'counter',
  samples: [{ suffix: '', labels: labelText({ model: 'a"b\\c\nd' }), value: 2 }],
});

describe('BucketHistogram', () => {
  it('counts a value in the first bucket that is not below it, and everything in the last', () => {
    const histogram = new BucketHistogram([1, 2]);
    for (const value of [0.5, 1, 1.5, 3]) histogram.observe(value);
    expect(histogram.cumulative).toEqual([2, 3, 4]);
    expect([histogram.sum, histogram.count]).toEqual([6, 4]);
  });

  it('keeps the latest traced value of each bucket', () => {
    const histogram = new BucketHistogram([1]);
    histogram.observe(0.1, 'earlier');
    histogram.observe(0.2, traceId);
    histogram.observe(0.3);
    expect(histogram.exemplarOf(0)).toMatchObject({ traceId, value: 0.2 });
    expect(histogram.exemplarOf(1)).toBeUndefined();
  });
});

describe('writeExposition', () => {
  it('names counters as each form has it, and escapes labels', () => {
    const label = 'model="a\\"b\\\\c\\nd"';
    expect(writeExposition([counter('x_total')], 'text')).toBe(
      `# HELP x_total Help.\n# TYPE x_total counter\nx_total{${label}} 2\n`,
    );
    expect(writeExposition([counter('x_total')], 'openmetrics')).toBe(
      `# HELP x Help.\n# TYPE x counter\nx_total{${label}} 2\n# EOF\n`,
    );
  });

  it('leaves the names of others as their dashboards know them', () => {
    expect(writeExposition([counter('nv_count')], 'text')).toContain('# TYPE nv_count counter\nnv_count{');
    expect(writeExposition([counter('nv_count')], 'openmetrics')).toContain('# TYPE nv_count unknown\nnv_count{');
  });

  it('writes histograms with the same bounds in both forms, and exemplars in the one that has them', () => {
    const histogram = new BucketHistogram([0.5, 1]);
    histogram.observe(0.75, traceId);
    const samples = histogramSamples('model="m"', histogram);
    const family: MetricFamily = { name: 'h', help: 'Help.', type: 'histogram', samples };
    expect(writeExposition([family], 'text')).toContain(
      'h_bucket{model="m",le="0.5"} 0\nh_bucket{model="m",le="1.0"} 1\nh_bucket{model="m",le="+Inf"} 1\nh_sum{model="m"} 0.75\nh_count{model="m"} 1\n',
    );
    expect(writeExposition([family], 'openmetrics')).toMatch(
      new RegExp(`h_bucket\\{model="m",le="1.0"\\} 1 # \\{trace_id="${traceId}"\\} 0.75 \\d+\\.\\d{3}\n`),
    );
  });
});

describe('clientMetrics', () => {
  it('takes over what a client library has counted', async () => {
    const registry = new Registry();
    new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], registers: [registry] }).inc({ a: 'b' }, 3);
    new Gauge({ name: 'g', help: 'G.', registers: [registry] }).set(Number.POSITIVE_INFINITY);
    new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] }).observe(0.5);
    const families = await clientMetrics(registry);
    const text = writeExposition(families, 'text');
    expect(text).toContain('# TYPE c_total counter\nc_total{a="b"} 3\n');
    expect(text).toContain('g +Inf\n');
    expect(text).toContain('h_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 1\nh_sum 0.5\nh_count 1\n');
    // Reading twice gives the same: the library's own OpenMetrics writer renames counters for good.
    expect(writeExposition(await clientMetrics(registry), 'openmetrics')).toContain('c_total{a="b"} 3\n');
    expect(writeExposition(await clientMetrics(registry), 'text')).toBe(text);
  });
});

it('answers in the form that is asked for', () => {
  expect(expositionFormatFor('application/openmetrics-text;version=1.0.0,text/plain;q=0.5')).toBe('openmetrics');
  expect(expositionFormatFor('text/plain')).toBe('text');
  expect(expositionFormatFor(undefined)).toBe('text');
});
