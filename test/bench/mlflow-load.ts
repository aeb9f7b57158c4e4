import type { PostgresServer } from '../servers/postgresql.ts';
import { JsonClient, type LoadResult, load } from './http-load.ts';
import { MODELS, READERS, teamOf, tierOf, WRITERS } from './registry-content.ts';

/** MLflow's REST interface under load. */
export class MlflowLoad {
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
export function fillMlflow(postgres: PostgresServer, versions: number): void {
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
