import { describe, expect, it } from 'vitest';
import { loadConfig } from '#adapters/config';
import { gatewaySettings } from './config.ts';
import { collectorUrl, hostLoadFor, samplingOf } from './telemetry.module.ts';

const config = (environment: Record<string, string>) => loadConfig(gatewaySettings, environment);

describe("OpenTelemetry's variables", () => {
  it.each([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/traces' }, 'http://c/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://c:4317'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://localhost:4317'],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, undefined],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, undefined],
  ])('%o say where traces go: %s', (environment, url) => {
    expect(collectorUrl(config(environment as Record<string, string>))).toBe(url);
  });

  it.each([
    [{}, { ratio: 1, followsParent: true }],
    [
      { OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      { ratio: 1, followsParent: false },
    ],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, { ratio: 0, followsParent: false }],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      { ratio: 0.1, followsParent: false },
    ],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { ratio: 0, followsParent: true }],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      { ratio: 0.1, followsParent: true },
    ],
  ])('%o say which requests are traced', (environment, sampling) => {
    expect(samplingOf(config(environment as Record<string, string>))).toEqual(sampling);
  });
});

it("Triton's figures of the machine are shares and bytes, and only there where they are wanted", () => {
  expect(hostLoadFor(config({}))).toBeUndefined();
  const load = hostLoadFor(config({ SLIPWAY_GATEWAY_TRITON_METRICS: 'true' }));
  const untilMs = performance.now() + 50;
  while (performance.now() < untilMs) Math.sqrt(untilMs);
  expect(load?.cpuUtilization()).toBeGreaterThanOrEqual(0);
  expect(load?.cpuUtilization()).toBeLessThanOrEqual(1);
  expect(load?.memoryUsedBytes()).toBeLessThan(load?.memoryTotalBytes() ?? 0);
});
