import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { postGraphql } from '../e2e/registry-fixture.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { type OtlpCollector, startOtlpCollector } from '../servers/otlp-collector.ts';
import { RegistryProcess } from '../servers/registry-process.ts';

const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;

describe.each(['http/protobuf', 'grpc'] as const)('the audit log by OTLP over %s, read by a collector', (protocol) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
  const store = { SLIPWAY_STORE: 'fs', SLIPWAY_STORE_DIR: join(folder, 'store') };
  let collector: OtlpCollector;
  let registry: RegistryProcess;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    registry = await RegistryProcess.start({
      ...store,
      SLIPWAY_REGISTRY_INDEX: join(folder, 'index.db'),
      SLIPWAY_ACCESS: 'policies',
      SLIPWAY_ADMIN_KEY: adminKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=vision%20team',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
  });
  afterAll(async () => {
    await registry?.end('SIGKILL');
    collector?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has denials, logins and changes, with who, what and why, and heads that the bucket still has', async () => {
    const query = 'mutation { createNamespace(input: { name: "vision" }) { name } }';
    expect((await postGraphql(registry.url, { query })).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await postGraphql(registry.url, { query }, adminKey)).errors).toBeUndefined();
    const logsOf = (name: string) => collector.logs.filter(({ log }) => log === `slipway.audit.${name}`);
    const count = async () => ['denied', 'login', 'change', 'head'].map((name) => logsOf(name).length);
    await eventually('all of it has come', count, (counts) => counts.every((one) => one > 0));

    const [denied] = logsOf('denied');
    expect(denied).toMatchObject({
      protocol: protocol === 'grpc' ? 'grpc' : 'http',
      severity: 'WARN',
      resource: { 'service.name': 'slipway-registry', 'deployment.environment.name': 'test' },
      body: 'denied: nobody known, namespace.create of namespace vision, no policy allows it',
      attributes: {
        'slipway.audit.kind': 'denied',
        'slipway.program': 'registry',
        'slipway.principal.kind': 'anonymous',
        'slipway.action': 'namespace.create',
        'slipway.resource': 'namespace vision',
      },
    });
    expect(Math.abs(Date.now() - (denied?.timeNs ?? 0) / 1e6)).toBeLessThan(60_000);
    const headers = Object.entries(denied?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-tenant': 'vision team' });
    expect(logsOf('login')[0]?.attributes).toMatchObject({ 'slipway.principal.name': 'slipway:administrator' });
    const created = logsOf('change').find(({ attributes }) => attributes['slipway.action'] === 'namespace-created');
    expect(created?.attributes).toMatchObject({ 'slipway.resource': 'namespace vision' });

    await registry.end('SIGTERM');
    const heads = logsOf('head').map(({ attributes }) => String(attributes['slipway.audit.head']));
    expect(heads.some((head) => head.startsWith('audit/:'))).toBe(true);
    expect(heads.some((head) => head.startsWith('log/:'))).toBe(true);
    const expected = heads.flatMap((head) => ['--expect-head', head]);
    const verified = await runSlipway({ stateDir: folder }, ['audit', 'verify', ...expected], store);
    expect(verified.exitCode, `${verified.stdout}${verified.stderr}`).toBe(0);
  });
});
