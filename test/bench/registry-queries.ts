import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflow } from '../servers/mlflow.ts';
import { type PostgresServer, startPostgres } from '../servers/postgresql.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { alternate, type BenchRow, median } from './bench-row.ts';
import { JsonClient, type LoadResult, load } from './http-load.ts';
import { rssOf } from './process-memory.ts';

const MODELS = 50;
const VERSIONS = 100_000;
const RUNS = 3;
const GOAL = 5;
/** Clients at once. */
const WRITERS = 32;
const READERS = 8;
const teamOf = (index: number) => `team-${index % 40}`;
const tierOf = (index: number) => `tier-${index % 7}`;

/** Registrations, look-ups and searches, side by side with MLflow's registry on PostgreSQL, each with 100,000 versions. */
export async function measureQueries(): Promise<BenchRow[]> {
  const state = mkdtempSync(join(tmpdir(), 'bench-registry-'));
  const environment = {
    SLIPWAY_STORE: 'fs',
    SLIPWAY_STORE_DIR: join(state, 'store'),
    SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
  };
  const registry = await RegistryProcess.start(environment);
  const postgres = await startPostgres();
  const mlflow = await startMlflow(postgres);
  const ours = new SlipwayLoad(registry.url);
  const theirs = new MlflowLoad(mlflow.url);
  try {
    await ours.prepare();
    await theirs.prepare();
    // Both run their first requests slower than the rest.
    await ours.register(1000);
    await theirs.register(100);
    const register = await alternate(
      RUNS,
      async () => (await ours.register(3000)).perSecond,
      async () => (await theirs.register(300)).perSecond,
    );
    report('filling both registries');
    await ours.register(VERSIONS - ours.registered);
    fillMlflow(postgres, VERSIONS);
    const alias = await alternate(
      RUNS,
      async () => (await ours.byAlias(4000)).p99Ms,
      async () => (await theirs.byAlias(400)).p99Ms,
    );
    const search = await alternate(
      RUNS,
      async () => (await ours.search(1000)).p99Ms,
      async () => (await theirs.search(64)).p99Ms,
    );
    await ours.reportOthers();
    await reportRestart(registry, join(state, 'index.db'));
    return [
      row('register/mlflow', 'registrations/s', register, register.ours / register.against),
      row('alias-p99/mlflow', 'ms', alias, alias.against / alias.ours),
      row('search-p99/mlflow', 'ms', search, search.against / search.ours),
    ];
  } finally {
    mlflow.stop();
    postgres.stop();
    await registry.end('SIGKILL');
    rmSync(state, { recursive: true, force: true });
  }
}

function row(id: string, unit: string, measured: { ours: number; against: number }, ratio: number): BenchRow {
  return { id, unit, ...measured, ratio, goal: GOAL, runs: RUNS };
}

/** How long a restart takes with the index at hand and without it, and what the process weighs then. */
async function reportRestart(registry: RegistryProcess, index: string): Promise<void> {
  const restart = async () => {
    await registry.end('SIGTERM');
    const startedMs = performance.now();
    await registry.start();
    return ((performance.now() - startedMs) / 1000).toFixed(1);
  };
  const warm = await restart();
  await registry.end('SIGTERM');
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${index}${suffix}`, { force: true });
  const cold = await restart();
  report(
    `restart: ${warm} s with the index, ${cold} s when it must be built from the bucket; ${rssOf(registry)} MiB resident`,
  );
}

class SlipwayLoad {
  registered = 0;
  readonly #client: JsonClient;
  readonly #bytes = Buffer.from('the weights of every version here');
  readonly #digest: string;
  readonly #runs: { readonly name: string; readonly result: LoadResult }[] = [];

  constructor(url: string) {
    this.#client = new JsonClient(url, WRITERS);
    this.#digest = `sha256:${createHash('sha256').update(this.#bytes).digest('hex')}`;
  }

  async prepare(): Promise<void> {
    for (let model = 0; model < MODELS; model += 1) {
      await this.#client.graphql('mutation ($name: String!) { createModel(input: { name: $name }) { name } }', {
        name: `model-${model}`,
      });
    }
    const { createVersion } = await this.#declare(0, 'first');
    const [file] = createVersion.files;
    await fetch(`${this.#client.baseUrl}${file?.uploadPath}`, { method: 'PUT', body: this.#bytes });
  }

  async register(count: number): Promise<LoadResult> {
    const first = this.registered;
    this.registered += count;
    const result = await load(count, WRITERS, async (index) => {
      const { createVersion } = await this.#declare(first + index, `key-${first + index}`);
      if (createVersion.version === null) throw new Error('the registration was not finished');
    });
    return this.#keep('register', result);
  }

  async byAlias(count: number): Promise<LoadResult> {
    for (let model = 0; model < MODELS; model += 1) {
      await this.#client.graphql(
        'mutation ($model: String!) { setAlias(input: { model: $model, alias: "champion", version: 7 }) { version } }',
        { model: `model-${model}` },
      );
    }
    const query =
      'query ($model: String!) { version(model: $model, alias: "champion") { version labels { name value } } }';
    const result = await load(count, READERS, (index) =>
      this.#client.graphql(query, { model: `model-${index % MODELS}` }),
    );
    return this.#keep('get by alias', result);
  }

  async search(count: number): Promise<LoadResult> {
    const result = await load(count, READERS, (index) =>
      this.#find({ filter: `labels.team = "${teamOf(index)}" AND labels.tier = "${tierOf(index)}"` }),
    );
    return this.#keep('search by two labels', result);
  }

  /** Queries that MLflow's registry cannot answer. */
  async reportOthers(): Promise<void> {
    const others: Record<string, (index: number) => object> = {
      'metric and label': (index) => ({ filter: `metrics.accuracy > 0.9 AND labels.team = "${teamOf(index)}"` }),
      'largest metric first': () => ({ orderBy: { field: 'metrics.accuracy', direction: 'DESC' } }),
      'full text, two words': (index) => ({ search: `${teamOf(index)} baseline` }),
      'full text, beginning of a word in all': () => ({ search: 'basel' }),
    };
    for (const [name, argumentsOf] of Object.entries(others)) {
      for (let run = 0; run < RUNS; run += 1) {
        this.#keep(name, await load(500, READERS, (index) => this.#find(argumentsOf(index))));
      }
    }
    for (const name of new Set(this.#runs.map((run) => run.name))) {
      const results = this.#runs.filter((run) => run.name === name).map((run) => run.result);
      const [rate, p50, p99] = (['perSecond', 'p50Ms', 'p99Ms'] as const).map((key) =>
        median(results.map((result) => result[key])),
      );
      report(`${name}: ${rate?.toFixed(0)}/s, p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`);
    }
    this.#client.close();
  }

  #find(variables: object): Promise<unknown> {
    const query = `query ($filter: String, $search: String, $orderBy: OrderInput) {
      versions(filter: $filter, search: $search, orderBy: $orderBy, first: 50) {
        nodes { model version labels { name value } metrics { name value } } } }`;
    return this.#client.graphql(query, variables);
  }

  #declare(index: number, idempotencyKey: string): Promise<Declared> {
    const query = `mutation ($input: CreateVersionInput!) {
      createVersion(input: $input) { files { uploadPath } version { version } } }`;
    return this.#client.graphql<Declared>(query, {
      input: {
        model: `model-${index % MODELS}`,
        idempotencyKey,
        finalize: true,
        description: 'a baseline',
        labels: [
          { name: 'team', value: teamOf(index) },
          { name: 'tier', value: tierOf(index) },
        ],
        metrics: [{ name: 'accuracy', value: (index % 1000) / 1000 }],
        variants: [
          { format: 'OTHER', files: [{ path: 'weights.bin', digest: this.#digest, sizeBytes: this.#bytes.length }] },
        ],
      },
    });
  }

  #keep(name: string, result: LoadResult): LoadResult {
    this.#runs.push({ name, result });
    return result;
  }
}

interface Declared {
  readonly createVersion: { readonly files: readonly { uploadPath: string }[]; readonly version: object | null };
}

/** MLflow's REST interface. */
class MlflowLoad {
  readonly #client: JsonClient;
  #registered = 0;

  constructor(url: string) {
    this.#client = new JsonClient(url, WRITERS);
  }

  async prepare(): Promise<void> {
    for (let model = 0; model < MODELS; model += 1) {
      await this.#client.call('POST', '/api/2.0/mlflow/registered-models/create', { name: `model-${model}` });
    }
  }

  async register(count: number): Promise<LoadResult> {
    const first = this.#registered;
    this.#registered += count;
    return load(count, WRITERS, (index) =>
      this.#client.call('POST', '/api/2.0/mlflow/model-versions/create', {
        name: `model-${(first + index) % MODELS}`,
        source: 's3://models/weights',
        description: 'a baseline',
        tags: [
          { key: 'team', value: teamOf(first + index) },
          { key: 'tier', value: tierOf(first + index) },
          { key: 'accuracy', value: String(((first + index) % 1000) / 1000) },
        ],
      }),
    );
  }

  async byAlias(count: number): Promise<LoadResult> {
    for (let model = 0; model < MODELS; model += 1) {
      const alias = { name: `model-${model}`, alias: 'champion', version: '1' };
      await this.#client.call('POST', '/api/2.0/mlflow/registered-models/alias', alias);
    }
    return load(count, READERS, (index) =>
      this.#client.call('GET', `/api/2.0/mlflow/registered-models/alias?name=model-${index % MODELS}&alias=champion`),
    );
  }

  async search(count: number): Promise<LoadResult> {
    return load(count, READERS, (index) => {
      const filter = `tags.\`team\` = '${teamOf(index)}' AND tags.\`tier\` = '${tierOf(index)}'`;
      const query = new URLSearchParams({ max_results: '50', filter });
      return this.#client.call('GET', `/api/2.0/mlflow/model-versions/search?${query}`);
    });
  }
}

/** Brings MLflow to as many versions by SQL: its own interface would take a quarter of an hour. */
function fillMlflow(postgres: PostgresServer, versions: number): void {
  const perModel = versions / MODELS;
  postgres.run(`
    INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, user_id, current_stage, source, run_id, status, status_message, run_link, storage_location)
    SELECT 'model-' || m, v, 1700000000000 + v, 1700000000000 + v, 'a baseline', '', 'None', 's3://models/weights', '', 'READY', '', '', 's3://models/weights'
    FROM generate_series(0, ${MODELS - 1}) m, generate_series(1, ${perModel}) v ON CONFLICT DO NOTHING;
    INSERT INTO model_version_tags (name, version, key, value)
    SELECT 'model-' || m, v, t.key, t.value FROM generate_series(0, ${MODELS - 1}) m, generate_series(1, ${perModel}) v,
      LATERAL (VALUES ('team', 'team-' || ((v * ${MODELS} + m) % 40)), ('tier', 'tier-' || ((v * ${MODELS} + m) % 7)), ('accuracy', (((v * ${MODELS} + m) % 1000) / 1000.0)::text)) AS t(key, value)
    ON CONFLICT DO NOTHING;
    ANALYZE;`);
}

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
