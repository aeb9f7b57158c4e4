import { createHash } from 'node:crypto';
import { median } from './bench-row.ts';
import { JsonClient, type LoadResult, load } from './http-load.ts';
import { MODELS, READERS, RUNS, teamOf, tierOf, WRITERS } from './registry-content.ts';

/** The registry's GraphQL interface under load. */
export class SlipwayLoad {
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
      process.stderr.write(`${name}: ${rate?.toFixed(0)}/s, p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms\n`);
    }
  }

  /** Registers one version. */
  async registerOne(): Promise<{ readonly model: string; readonly version: number }> {
    const index = this.registered;
    this.registered += 1;
    const { createVersion } = await this.#declare(index, `key-${index}`);
    if (createVersion.version === null) throw new Error('the registration was not finished');
    return { model: `model-${index % MODELS}`, version: createVersion.version.version };
  }

  close(): void {
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
  readonly createVersion: {
    readonly files: readonly { uploadPath: string }[];
    readonly version: { readonly version: number } | null;
  };
}
