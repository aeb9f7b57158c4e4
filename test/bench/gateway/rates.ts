import type { BenchOptions } from '../bench-options.ts';
import { isWanted } from '../bench-options.ts';
import { type BenchRow, median } from '../bench-row.ts';
import { progress, short } from '../progress.ts';
import { installBenchModels } from './bench-models.ts';
import { Contestants } from './contestants.ts';
import { applyLoad, type LoadResult } from './load.ts';
import { goalOf, planRates, type RateGroup, type Rival, rateRowId } from './rate-plan.ts';

type Runner = 'slipway' | Rival;
type Samples = Map<Runner, LoadResult[]>;

/** Requests per second and p99 latencies, side by side with other servers and with floors. */
export async function measureRates(options: BenchOptions): Promise<BenchRow[]> {
  const groups = planRates(options);
  if (groups.length === 0) return [];
  const contestants = await Contestants.start(options, await installBenchModels(), groups);
  const rows: BenchRow[] = [];
  try {
    for (const group of groups) rows.push(...(await measureGroup(options, contestants, group)));
  } finally {
    await contestants.stop();
  }
  return rows.filter(({ id }) => isWanted(options, id));
}

async function measureGroup(options: BenchOptions, contestants: Contestants, group: RateGroup): Promise<BenchRow[]> {
  const { model, way, clients, rounds, rows } = group;
  const title = `${model}/${way}, ${clients} clients${rows > 1 ? `, ${rows} rows each` : ''}`;
  const samples: Samples = new Map();
  const failed = new Set<Runner>();
  for (let round = 0; round < rounds; round += 1) {
    for (const runner of rotate<Runner>(['slipway', ...group.rivals], round)) {
      if (failed.has(runner) || !contestants.takesPart(runner, group)) continue;
      try {
        const measured = await measureOnce(options, contestants, group, runner, round);
        samples.set(runner, [...(samples.get(runner) ?? []), measured]);
      } catch (error) {
        failed.add(runner);
        progress(`${title}: ${runner} is left out: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
    progress(`${title}, ${round + 1}/${rounds}: ${describe(samples)}`);
  }
  for (const runner of failed) samples.delete(runner);
  return toRows(group, samples);
}

async function measureOnce(
  options: BenchOptions,
  contestants: Contestants,
  group: RateGroup,
  runner: Runner,
  round: number,
): Promise<LoadResult> {
  if (runner === 'runtime')
    return { perSecond: await contestants.measureRuntime(group, group.seconds), p99Ms: Number.NaN };
  return contestants.while(runner, group, async (call, replyBytes) => {
    const plan = { clients: group.clients, cores: options.loadCores };
    // The first load makes connections, compiles and fills caches.
    if (round === 0) await applyLoad(call, replyBytes, { ...plan, seconds: 1 });
    return applyLoad(call, replyBytes, { ...plan, seconds: group.seconds });
  });
}

/** Each round begins with another one, so that none always comes after the same. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

function describe(samples: Samples): string {
  const latest = [...samples].map(
    ([runner, results]) => `${runner} ${short(results.at(-1)?.perSecond ?? Number.NaN)}/s`,
  );
  return latest.join(', ');
}

function toRows(group: RateGroup, samples: Samples): BenchRow[] {
  const ours = samples.get('slipway');
  if (ours === undefined) return [];
  return group.rivals.flatMap((rival) => {
    const theirs = samples.get(rival);
    return theirs === undefined ? [] : rowsAgainst(group, rival, ours, theirs);
  });
}

function rowsAgainst(
  group: RateGroup,
  rival: Rival,
  ourResults: readonly LoadResult[],
  theirResults: readonly LoadResult[],
): BenchRow[] {
  const id = rateRowId(group, rival);
  const middle = (results: readonly LoadResult[], key: keyof LoadResult) =>
    median(results.map((result) => result[key]));
  const [ours, against] = [middle(ourResults, 'perSecond'), middle(theirResults, 'perSecond')];
  const rate = {
    id,
    unit: 'requests/s',
    ours,
    against,
    ratio: ours / against,
    goal: goalOf(group, rival),
    runs: group.rounds,
  };
  if (rival === 'echo' || rival === 'runtime') return [rate];
  const [ourP99, theirP99] = [middle(ourResults, 'p99Ms'), middle(theirResults, 'p99Ms')];
  const tail = {
    id: `${id}/p99`,
    unit: 'ms',
    ours: ourP99,
    against: theirP99,
    ratio: theirP99 / ourP99,
    goal: 1,
    runs: group.rounds,
  };
  return [rate, tail];
}
