import { type BenchOptions, byEffort } from '../bench-options.ts';
import { progress } from '../progress.ts';
import type { BenchModelName } from './bench-models.ts';
import { type Call, checkCall } from './call.ts';
import { Echo } from './echo.ts';
import { requireLoadPrograms } from './load.ts';
import { hasWay, PEERS, type Peer, type PeerName, startPeer, untilPeerAnswers } from './peers.ts';
import type { RateGroup, Rival } from './rate-plan.ts';
import { RuntimeFloor } from './runtime-floor.ts';
import { SlipwayGateway } from './slipway-gateway.ts';
import { makeWorkload, type Workload } from './workload.ts';

/** Enough for every client of the rows: a smaller one would leave some of them waiting for a second batch. */
const MAX_BATCH_SIZE = 64;

/** All servers that a plan needs, with its models. Whoever is not measured is held still. */
export class Contestants {
  readonly #options: BenchOptions;
  readonly #directory: string;
  readonly #gateway: SlipwayGateway;
  readonly #workloads = new Map<string, Workload>();
  /** Bytes of Slipway's replies by group. */
  readonly #replySizes = new Map<RateGroup, number>();
  readonly #peers = new Map<string, Peer>();
  readonly #floors = new Map<Workload, RuntimeFloor>();
  #echo: Echo | undefined;

  private constructor(options: BenchOptions, directory: string, gateway: SlipwayGateway) {
    this.#options = options;
    this.#directory = directory;
    this.#gateway = gateway;
  }

  static async start(options: BenchOptions, directory: string, groups: readonly RateGroup[]): Promise<Contestants> {
    await requireLoadPrograms();
    const contestants = new Contestants(options, directory, await SlipwayGateway.start(options.serverCores));
    try {
      await contestants.#prepareOurs(groups);
      for (const name of PEERS.filter((peer) => groups.some(({ rivals }) => rivals.includes(peer))))
        await contestants.#preparePeer(name, groups);
      const sizes = [...contestants.#replySizes.values()];
      if (groups.some(({ rivals }) => rivals.includes('echo'))) {
        contestants.#echo = await Echo.start(sizes, options.serverCores);
        contestants.#echo.process.freeze();
      }
      return contestants;
    } catch (error) {
      await contestants.stop();
      throw error;
    }
  }

  async #prepareOurs(groups: readonly RateGroup[]): Promise<void> {
    progress('starting slipway …');
    for (const { model, rows } of groups) {
      const key = workloadKey(model, rows);
      if (!this.#workloads.has(key)) this.#workloads.set(key, await makeWorkload(this.#directory, model, rows));
    }
    const first = new Map([...this.#workloads.values()].map((workload) => [workload.model, workload]));
    await this.#gateway.serve([...first.values()], this.#directory);
    for (const group of groups) {
      const workload = this.#workloadOf(group);
      this.#replySizes.set(group, await checkCall(this.#gateway.call(workload, group.way), workload.expected));
    }
  }

  async #preparePeer(name: PeerName, groups: readonly RateGroup[]): Promise<void> {
    const own = groups.filter(
      (group) => group.rivals.includes(name) && hasWay(name, this.#workloadOf(group), group.way),
    );
    if (own.length === 0) return;
    progress(`starting ${name} …`);
    const models = [...new Set(own.map(({ model }) => model))];
    const { serverCores } = this.#options;
    const settings = { directory: this.#directory, models, cores: serverCores, maxBatchSize: MAX_BATCH_SIZE };
    const peer = await startPeer(name, settings);
    this.#peers.set(name, peer);
    for (const group of own) {
      const workload = this.#workloadOf(group);
      const call = peer.call(workload, group.way);
      if (call !== undefined) await untilPeerAnswers(peer, () => checkCall(call, workload.expected));
    }
    peer.process.freeze();
  }

  #workloadOf({ model, rows }: RateGroup): Workload {
    const workload = this.#workloads.get(workloadKey(model, rows));
    if (workload === undefined) throw new Error(`${model} with ${rows} rows was not prepared`);
    return workload;
  }

  /** Whether the runner has an interface for what the group measures. */
  takesPart(runner: 'slipway' | Rival, group: RateGroup): boolean {
    if (runner === 'slipway' || runner === 'echo' || runner === 'runtime') return true;
    return hasWay(runner, this.#workloadOf(group), group.way);
  }

  /**
   * Lets one server run, and checks its answers before and after it is measured.
   *
   * @param measure is given the call and the size of a right answer.
   */
  async while<T>(
    runner: 'slipway' | Exclude<Rival, 'runtime'>,
    group: RateGroup,
    measure: (call: Call, replyBytes: number) => Promise<T>,
  ): Promise<T> {
    const workload = this.#workloadOf(group);
    const call = this.#callOf(runner, group, workload);
    const expected = runner === 'echo' ? [] : workload.expected;
    const server = runner === 'echo' ? this.#echo?.process : this.#peers.get(runner)?.process;
    server?.thaw();
    try {
      const replyBytes = await checkCall(call, expected);
      const measured = await measure(call, replyBytes);
      await checkCall(call, expected);
      return measured;
    } catch (error) {
      if (runner === 'slipway') progress(this.#gateway.describe());
      throw error;
    } finally {
      server?.freeze();
    }
  }

  #callOf(runner: 'slipway' | Exclude<Rival, 'runtime'>, group: RateGroup, workload: Workload): Call {
    const ours = this.#gateway.call(workload, group.way);
    if (runner === 'slipway') return ours;
    const theirs =
      runner === 'echo'
        ? this.#echo?.callLike(ours, this.#replySizes.get(group) ?? 0)
        : this.#peers.get(runner)?.call(workload, group.way);
    if (theirs === undefined) throw new Error(`${runner} is not running`);
    return theirs;
  }

  /** @returns runs/s of the bare runtime. */
  async measureRuntime(group: RateGroup, seconds: number): Promise<number> {
    const workload = this.#workloadOf(group);
    let floor = this.#floors.get(workload);
    if (floor === undefined) {
      const probeSeconds = byEffort(this.#options, 1, 3);
      floor = await RuntimeFloor.find(workload, this.#directory, this.#options.serverCores, probeSeconds);
      this.#floors.set(workload, floor);
    }
    return floor.measure(workload, seconds);
  }

  async stop(): Promise<void> {
    for (const peer of this.#peers.values()) peer.process.stop();
    this.#echo?.process.stop();
    await this.#gateway.stop();
  }
}

const workloadKey = (model: BenchModelName, rows: number) => `${model} × ${rows}`;
