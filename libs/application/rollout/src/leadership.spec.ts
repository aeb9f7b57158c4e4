import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError, isDomainError } from '#domain/errors';
import { ContendedWorld, ManualClock, SimulatedProcess, SimulatedRegister, settled, type Trouble } from '#testing';
import { type Contender, Leadership, type Lease, type LeaseStore } from './index.ts';

const TTL_MS = 3000;

class MemoryLeaseStore implements LeaseStore {
  readonly register = new SimulatedRegister<Lease>();
  isDown = false;
  /** The next write is done, and its answer is lost. */
  losesAnswer = false;

  async read() {
    this.#require();
    const found = this.register.read();
    return found && { lease: found.value, etag: found.etag };
  }

  async write(lease: Lease, etag: string | undefined) {
    this.#require();
    const tag = this.register.write(lease, etag);
    if (!this.losesAnswer) return tag;
    this.losesAnswer = false;
    throw new DomainError('STORE_UNAVAILABLE', 'the answer was lost');
  }

  #require(): void {
    if (this.isDown) throw new DomainError('STORE_UNAVAILABLE', 'the bucket is down');
  }
}

describe('Leadership', () => {
  let clock: ManualClock;
  let store: MemoryLeaseStore;
  let history: string[];
  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryLeaseStore();
    history = [];
  });

  const contend = (holder: string, process = holder) => {
    const self: Contender = { holder, process, address: `${process}:8084`, url: `http://${process}` };
    return new Leadership(self, TTL_MS, {
      store,
      clock,
      now: () => '',
      wallMs: () => 7000,
      events: {
        elected: async (epoch) => void history.push(`${process} leads ${epoch}`),
        lapsed: () => history.push(`${process} lapsed`),
        regained: () => history.push(`${process} regained`),
        resigned: (reason) => history.push(`${process} resigned: ${reason}`),
      },
      onFailure: () => {},
    });
  };

  it('takes a lease that nobody has at once, above the epochs of buckets before, and keeps it', async () => {
    const leader = contend('a');
    await leader.start();
    expect([leader.authority, leader.epoch]).toEqual(['full', 7]);
    await clock.advance(10 * TTL_MS);
    expect(leader.authority).toBe('full');
    expect(history).toEqual(['a leads 7']);
  });

  it('waits while another renews, names it, and takes over when that was silent for its time to live', async () => {
    const [leader, follower] = [contend('a'), contend('b')];
    await leader.start();
    await follower.start();
    await clock.advance(5 * TTL_MS);
    expect([follower.authority, follower.leader?.url]).toEqual(['none', 'http://a']);
    const renewals = store.register.history.length;
    store.isDown = true;
    await clock.advance(TTL_MS / 2);
    store.isDown = false;
    expect(leader.authority).toBe('full');
    await clock.advance(TTL_MS);
    expect(store.register.history.length).toBeGreaterThan(renewals);
    expect([leader.authority, follower.authority]).toEqual(['full', 'none']);
  });

  it('is taken over at once when it lets go', async () => {
    const [leader, follower] = [contend('a'), contend('b')];
    await leader.start();
    await follower.start();
    await leader.stop();
    await clock.advance(TTL_MS / 10);
    expect([leader.authority, follower.authority]).toEqual(['none', 'full']);
    expect(history).toEqual(['a leads 7', 'a resigned: this controller was told to stop', 'b leads 8']);
  });

  it('takes its own lease back at once after a restart, with the next epoch; what it was before is out', async () => {
    const before = contend('a', 'a1');
    await before.start();
    const after = contend('a', 'a2');
    await after.start();
    expect([after.authority, after.epoch]).toEqual(['full', 8]);
    await clock.advance(TTL_MS);
    expect(before.authority).toBe('none');
    await clock.advance(10 * TTL_MS);
    expect(history).toEqual(['a1 leads 7', 'a2 leads 8', 'a1 resigned: http://a2 took over']);
  });

  it('may only protect when it could not renew in time, and leads on in the same term when nobody took over', async () => {
    const leader = contend('a');
    await leader.start();
    store.isDown = true;
    await clock.advance(TTL_MS);
    expect(leader.authority).toBe('protective');
    await clock.advance(10 * TTL_MS);
    store.isDown = false;
    await clock.advance(TTL_MS);
    expect([leader.authority, leader.epoch]).toEqual(['full', 7]);
    expect(history).toEqual(['a leads 7', 'a lapsed', 'a regained']);
  });

  it('knows a renewal whose answer was lost for its own', async () => {
    const leader = contend('a');
    await leader.start();
    store.losesAnswer = true;
    await clock.advance(2 * TTL_MS);
    expect(leader.authority).toBe('full');
    expect(history).toEqual(['a leads 7']);
  });

  it('leads anew, in another term, after it stepped down with nobody else there', async () => {
    const leader = contend('a');
    await leader.start();
    leader.stepDown('somebody else writes the journal');
    expect(leader.authority).toBe('none');
    await clock.advance(TTL_MS);
    expect(history).toEqual(['a leads 7', 'a resigned: somebody else writes the journal', 'a leads 8']);
  });

  it('a store that says nothing does not keep it from trying again', async () => {
    const leader = contend('a');
    await leader.start();
    const write = store.write.bind(store);
    store.write = () => new Promise(() => {});
    await clock.advance(TTL_MS);
    expect(leader.authority).toBe('protective');
    store.write = write;
    await clock.advance(TTL_MS);
    expect(leader.authority).toBe('full');
  });
});

/** What a contender of the model writes under its lease. */
interface Written {
  readonly epoch: number;
}

/** A controller of the model: a lease, and a journal that it makes its own when a term begins and writes while it may. */
class ModelController {
  readonly process: SimulatedProcess;
  readonly leadership: Leadership;
  readonly #journal: SimulatedRegister<Written>;
  #etag: string | undefined;

  constructor(
    world: ContendedWorld,
    process: SimulatedProcess,
    names: Pick<Contender, 'holder' | 'process'>,
    lease: SimulatedRegister<Lease>,
    journal: SimulatedRegister<Written>,
    elections: number[],
  ) {
    this.process = process;
    this.#journal = journal;
    const store: LeaseStore = {
      read: () =>
        process.call(() => {
          const found = lease.read();
          return found && { lease: found.value, etag: found.etag };
        }),
      write: (value, etag) => process.call(() => lease.write(value, etag)),
    };
    this.leadership = new Leadership({ ...names, address: '', url: '' }, TTL_MS, {
      store,
      clock: process,
      now: () => '',
      wallMs: () => 0,
      events: {
        elected: async (epoch) => {
          elections.push(epoch);
          await this.#takeOver(epoch);
        },
        lapsed: () => {},
        regained: () => {},
        resigned: () => {
          this.#etag = undefined;
        },
      },
      onFailure: () => {},
    });
    world.plan(0, process, () => void this.leadership.start().catch(() => {}));
    world.plan(0, process, () => this.#writeOnAndOn());
  }

  async #takeOver(epoch: number): Promise<void> {
    for (;;) {
      const found = await this.process.call(() => this.#journal.read());
      if ((found?.value.epoch ?? 0) > epoch) throw new DomainError('PRECONDITION_FAILED', 'a later term has begun');
      try {
        const etag = await this.process.call(() => this.#journal.write({ epoch }, found?.etag));
        if (this.leadership.epoch === epoch) this.#etag = etag;
        return;
      } catch (error) {
        if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
      }
    }
  }

  #writeOnAndOn(): void {
    const { epoch } = this.leadership;
    const etag = this.#etag;
    this.process.after(200, () => this.#writeOnAndOn());
    if (this.leadership.authority !== 'full' || epoch === undefined || etag === undefined) return;
    this.#etag = undefined;
    this.process
      .call(() => this.#journal.write({ epoch }, etag))
      .then(
        (written) => {
          if (this.leadership.epoch === epoch) this.#etag = written;
        },
        () => {
          if (this.leadership.epoch === epoch) this.leadership.stepDown('the journal cannot be written');
        },
      );
  }
}

const LAST_TROUBLE_MS = 15_000;
const LONGEST_TROUBLE_MS = 3 * TTL_MS;
const LAST_TROUBLE_ENDS_MS = LAST_TROUBLE_MS + LONGEST_TROUBLE_MS;
const troubles = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: LAST_TROUBLE_MS }),
    controller: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom<Trouble | 'kill' | 'stop'>('pause', 'cut', 'deaf', 'kill', 'stop'),
    forMs: fc.integer({ min: 100, max: LONGEST_TROUBLE_MS }),
  }),
  { maxLength: 12 },
);
const seeds = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 50, maxLength: 50 });

describe('three controllers that are paused, cut off, deaf, killed and stopped at random', () => {
  it('never have two that may write, nothing of an old term is written after a new one began, and one leads in the end', async () => {
    let takeovers = 0;
    await fc.assert(
      fc.asyncProperty(troubles, seeds, async (planned, numbers) => {
        let used = 0;
        const random01 = () => {
          used += 1;
          // The golden ratio's multiples spread what is taken again and again.
          return ((numbers[used % numbers.length] ?? 0) + used * 0.618_033_988_749_895) % 1;
        };
        const world = new ContendedWorld(random01, LAST_TROUBLE_ENDS_MS);
        const lease = new SimulatedRegister<Lease>();
        const journal = new SimulatedRegister<Written>();
        const elections: number[] = [];
        let births = 0;
        const born = (holder: string) => {
          births += 1;
          // Clocks that differ in pace by less than the margin.
          const process = new SimulatedProcess(world, 0.97 + 0.06 * random01(), 1e6 * random01());
          return new ModelController(world, process, { holder, process: String(births) }, lease, journal, elections);
        };
        const controllers = ['a', 'b', 'c'].map(born);
        for (const { atMs, controller: at, kind, forMs } of planned) {
          world.plan(atMs, undefined, () => {
            const controller = controllers[at] as ModelController;
            if (kind !== 'kill' && kind !== 'stop') {
              controller.process.troubles.set(kind, world.nowMs + forMs);
              return;
            }
            if (kind === 'kill') controller.process.isKilled = true;
            else void controller.leadership.stop();
            world.plan(forMs, undefined, () => {
              if (controllers[at] !== controller) return;
              controller.process.isKilled = true;
              controllers[at] = born(['a', 'b', 'c'][at] ?? '');
            });
          });
        }
        await world.run(LAST_TROUBLE_ENDS_MS + 4 * TTL_MS, () => {
          const living = controllers.filter(({ process }) => !process.isKilled);
          const leaders = living.filter(({ leadership }) => leadership.authority === 'full');
          if (leaders.length > 1) throw new Error(`${leaders.length} controllers lead at ${world.nowMs} ms`);
        });
        const epochs = journal.history.map(({ epoch }) => epoch);
        expect(epochs).toEqual([...epochs].sort((left, right) => left - right));
        expect(elections).toEqual([...new Set(elections)].sort((left, right) => left - right));
        expect(controllers.filter(({ leadership }) => leadership.authority === 'full')).toHaveLength(1);
        takeovers += elections.length - 1;
      }),
      { numRuns: 200 },
    );
    expect(takeovers).toBeGreaterThan(100);
    await settled();
  });
});
