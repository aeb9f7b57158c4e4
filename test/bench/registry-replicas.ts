import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { quantile } from '#testing';
import { startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { alternate, type BenchRow } from './bench-row.ts';
import { JsonClient, load } from './http-load.ts';
import { RUNS, WRITERS } from './registry-content.ts';
import { SlipwayLoad } from './slipway-load.ts';

const BUCKET = 'slipway';
const VERSIONS_PER_RUN = 2000;
const LAG_SAMPLES = 100;
/** A registration is a create-only write, and its share of a write of the log. */
const GOAL = 0.3;
/** About as large as the record of a version. */
const RECORD = Buffer.alloc(1200, 'x');

/**
 * Registrations on a MinIO bucket against its own create-only writes of objects of that size, and the time until another replica on the
 * same bucket tells of a version.
 */
export async function measureReplicas(): Promise<BenchRow[]> {
  const minio = await startMinio();
  const state = mkdtempSync(join(tmpdir(), 'bench-replicas-'));
  const replicas = await Promise.all(
    ['one', 'two'].map((name) =>
      RegistryProcess.start({
        ...minio.environment(),
        SLIPWAY_S3_BUCKET: BUCKET,
        SLIPWAY_REGISTRY_INDEX: join(state, `${name}.db`),
      }),
    ),
  );
  try {
    const [writer, reader] = replicas as [RegistryProcess, RegistryProcess];
    const registrations = new SlipwayLoad(writer.url);
    await registrations.prepare();
    await registrations.register(500);
    await reportLag(registrations, reader);
    await reader.end('SIGTERM');
    const store = await S3ObjectStore.open(minio.settings('raw-writes'));
    let written = 0;
    const put = () => {
      written += 1;
      return store.put(`records/${written}.json`, RECORD, { kind: 'absent' });
    };
    await load(500, WRITERS, put);
    const speeds = await alternate(
      RUNS,
      async () => (await registrations.register(VERSIONS_PER_RUN)).perSecond,
      async () => (await load(VERSIONS_PER_RUN, WRITERS, put)).perSecond,
    );
    registrations.close();
    const ratio = speeds.ours / speeds.against;
    return [{ id: 'register-minio/put', unit: 'registrations/s', ...speeds, ratio, goal: GOAL, runs: RUNS }];
  } finally {
    for (const replica of replicas) await replica.end('SIGKILL');
    await minio.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** From a writer's acknowledgement until the other replica tells of the version, to one who asks for it and in lists. */
async function reportLag(registrations: SlipwayLoad, reader: RegistryProcess): Promise<void> {
  const client = new JsonClient(reader.url, 1);
  const questions = {
    'by its number': (model: string, version: number) =>
      `found: version(model: "${model}", version: ${version}) { version }`,
    'in a list': (model: string, version: number) =>
      `found: versions(model: "${model}", filter: "version = ${version}") { nodes { version } }`,
  };
  for (const [how, question] of Object.entries(questions)) {
    const lags: number[] = [];
    for (let sample = 0; sample < LAG_SAMPLES; sample += 1) {
      const { model, version } = await registrations.registerOne();
      const acknowledgedMs = performance.now();
      const isFound = async () =>
        JSON.stringify(await client.graphql(`{ ${question(model, version)} }`)).includes('"version"');
      while (!(await isFound())) await sleep(2);
      lags.push(performance.now() - acknowledgedMs);
      // Not in step with the reader's clock.
      await sleep(Math.random() * 200);
    }
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(lags, share).toFixed(0));
    const line = `another replica finds a version ${how} ${p50} ms after its acknowledgement, p99 ${p99} ms`;
    process.stderr.write(`${line}\n`);
  }
  client.close();
}
