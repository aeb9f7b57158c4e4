import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { requireProgram } from './system-program.ts';

/** A Prometheus that scrapes. */
export interface PrometheusServer {
  readonly url: string;
  /** Answers the `data` of a query by the HTTP interface, such as `query?query=up`. */
  api(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts Prometheus; installed on first use. @param targets host and port by job. */
export async function startPrometheus(targets: Readonly<Record<string, string>>): Promise<PrometheusServer> {
  await requireProgram('prometheus', ['prometheus']);
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const config = join(directory, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: Object.entries(targets).map(([job, target]) => ({
        job_name: job,
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
    '--enable-feature=exemplar-storage',
    '--log.level=warn',
  ];
  const child = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://${address}`;
  return {
    url,
    api: async (path) => {
      const reply = await fetch(`${url}/api/v1/${path}`).catch(() => undefined);
      return reply?.ok === true ? ((await reply.json()) as { data: unknown }).data : undefined;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What Prometheus's own linter says of metrics; empty when it has nothing to say. */
export async function lintMetrics(text: string): Promise<string> {
  await requireProgram('promtool', ['prometheus']);
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const said = `${stdout}${stderr}`;
  return status === 0 || said !== '' ? said : `promtool ended with status ${status}`;
}
