import { type BenchOptions, byEffort, isTouched, isWanted } from '../bench-options.ts';
import type { BenchModelName } from './bench-models.ts';
import type { Way } from './call.ts';
import { PEERS, type PeerName } from './peers.ts';

/** Who is measured beside Slipway: another server, a server that does nothing, or the runtime with no server. */
export type Rival = PeerName | 'echo' | 'runtime';

/** What is measured side by side, in alternation. */
export interface RateGroup {
  readonly model: BenchModelName;
  readonly way: Way;
  /** Rows of each request. */
  readonly rows: number;
  readonly clients: number;
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly rivals: readonly Rival[];
}

const SMALL: readonly BenchModelName[] = ['simple', 'mlp-4', 'mlp-784'];
const LARGE: readonly BenchModelName[] = ['resnet50', 'bert-base'];
/** Clients of the rows whose ids do not say how many. */
const CLIENTS = { small: 64, large: 2 };
const ROUNDS = 5;
const FEWER_ROUNDS = 3;

/** How many times the peer's requests/s are to be reached with small models, and what share of the floors. */
const GOALS: Readonly<Record<Rival, number>> = {
  mlserver: 8,
  bentoml: 5,
  litserve: 5,
  rayserve: 5,
  fastapi: 4,
  echo: 0.7,
  runtime: 0.97,
};

/** With large models the runtime takes nearly all of the time, whatever is around it. */
export function goalOf({ model }: RateGroup, rival: Rival): number {
  return rival === 'runtime' || SMALL.includes(model) ? GOALS[rival] : 1;
}

/** The id of a row: `<model>/<way>/<rival>`, and what differs from the usual number of clients and rows. */
export function rateRowId({ model, way, clients, rows }: RateGroup, rival: Rival): string {
  const usual = SMALL.includes(model) ? CLIENTS.small : CLIENTS.large;
  const load = clients === usual ? '' : `/c${clients}`;
  return `${model}/${way}/${rival}${load}${rows === 1 ? '' : `/b${rows}`}`;
}

/** Everything that is asked for, with only those rivals whose rows are. */
export function planRates(options: BenchOptions): RateGroup[] {
  const groups = [...SMALL.flatMap((model) => smallGroups(options, model)), ...largeGroups(options)];
  return groups
    .filter(({ model, way }) => isTouched(options, `${model}/${way}/`))
    .map((group) => ({ ...group, rivals: group.rivals.filter((rival) => isRivalWanted(options, group, rival)) }))
    .filter(({ rivals }) => rivals.length > 0);
}

function isRivalWanted(options: BenchOptions, group: RateGroup, rival: Rival): boolean {
  const id = rateRowId(group, rival);
  return isWanted(options, id) || isWanted(options, `${id}/p99`);
}

function smallGroups(options: BenchOptions, model: BenchModelName): RateGroup[] {
  const seconds = byEffort(options, 1, 3);
  const withEveryClient = byEffort(options, [], ['mlp-784'], SMALL).includes(model);
  const rivals: readonly Rival[] = [...PEERS, 'echo'];
  return (['json', 'binary', 'grpc'] as const).flatMap((way) => {
    const group = { model, way, rows: 1, seconds, rivals };
    const usual = { ...group, clients: CLIENTS.small, rounds: byEffort(options, 1, ROUNDS) };
    const fewer = [1, 8].map((clients) => ({
      ...group,
      seconds: 2,
      clients,
      rounds: byEffort(options, 1, FEWER_ROUNDS),
    }));
    return withEveryClient ? [usual, ...fewer] : [usual];
  });
}

function largeGroups(options: BenchOptions): RateGroup[] {
  // With two clients the next request waits while one is run, so that the runtime need not.
  const usual = {
    rows: 1,
    clients: CLIENTS.large,
    rounds: byEffort(options, 1, FEWER_ROUNDS, ROUNDS),
    seconds: byEffort(options, 2, 8),
  };
  const some: readonly Rival[] = byEffort(
    options,
    ['mlserver', 'fastapi', 'runtime'],
    ['mlserver', 'fastapi', 'runtime'],
    [...PEERS, 'runtime'],
  );
  const single = LARGE.flatMap((model) => {
    // An image is 600 KB of bytes, but megabytes of text.
    const ways: readonly Way[] =
      model === 'resnet50' && options.effort !== 'full' ? ['binary', 'grpc'] : ['json', 'binary', 'grpc'];
    return ways.map((way): RateGroup => ({ ...usual, model, way, rivals: some }));
  });
  const batched = LARGE.map(
    (model): RateGroup => ({ ...usual, model, way: 'binary', rows: 8, seconds: 15, rivals: ['runtime'] }),
  );
  return options.effort === 'full' ? [...single, ...batched] : single;
}
