import { DomainError } from '#domain/errors';
import type { ModelVersion } from '#domain/registry';
import type { ChangeRecord } from './change-record.ts';
import type { EventLog } from './event-log.ts';
import { objectKeys } from './object-keys.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

/** A version that has everything but its number. */
export type NumberlessVersion = Omit<ModelVersion, 'version'>;

/**
 * Gives versions their numbers: 1, 2, 3 … per model, dense and unique, with any number of processes at it.
 *
 * The number is taken by creating the version's record: of several writers of one number the store lets one win. A loser looks
 * whether the winner was this very registration, in another request or before a crash, and goes on to the next number only if
 * not. What it met on the way it logs before its own version, so that every log has the numbers in order.
 */
export class AllocateVersion {
  readonly #records: RegistryRecords;
  readonly #index: RegistryIndex;
  readonly #log: EventLog;
  readonly #changes: ChangeRecord;
  /** Registrations of one model take turns here, so that they do not race each other in the bucket. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Versions that this process knows to exist although its index does not have them yet, ascending, per model. */
  readonly #ahead = new Map<string, ModelVersion[]>();

  constructor(records: RegistryRecords, index: RegistryIndex, log: EventLog, changes: ChangeRecord) {
    this.#records = records;
    this.#index = index;
    this.#log = log;
    this.#changes = changes;
  }

  /** The version with its number, durable and logged; the earlier one when the registration had been done before. */
  async allocate(wanted: NumberlessVersion): Promise<ModelVersion> {
    const model = `${wanted.namespace}/${wanted.model}`;
    const { version, met } = await this.#inTurn(model, () => this.#take(model, wanted));
    const events = [...met, version].flatMap((record) => this.#changes.unlogged('version', record));
    if (events.length > 0) await this.#log.append(events);
    return version;
  }

  /** Nothing is awaited between the look at what exists and the first number that is tried: no version can slip in between. */
  async #take(
    model: string,
    wanted: NumberlessVersion,
  ): Promise<{ version: ModelVersion; met: readonly ModelVersion[] }> {
    const { namespace, draftId } = wanted;
    const ahead = this.#aheadOf(model, wanted);
    const done =
      this.#index.versionOfDraft(namespace, wanted.model, draftId) ??
      ahead.find((version) => version.draftId === draftId);
    if (done !== undefined) return { version: done, met: ahead };
    let number = ahead.at(-1)?.version ?? this.#index.latestNumber(namespace, wanted.model);
    for (;;) {
      number += 1;
      const version = await this.#createOrRead({ ...wanted, version: number });
      ahead.push(version);
      if (version.draftId === draftId) return { version, met: ahead.slice(0, -1) };
    }
  }

  /** The record under a version's number: the version itself, or whatever had taken the number before. */
  async #createOrRead(version: ModelVersion): Promise<ModelVersion> {
    const key = objectKeys.version(version.namespace, version.model, version.version);
    if (await this.#records.create('version', key, version)) return version;
    const taken = await this.#records.read('version', key);
    if (taken !== undefined) return taken.record;
    throw new DomainError('STORE_UNAVAILABLE', `${key} could be neither created nor read`);
  }

  #aheadOf(model: string, wanted: NumberlessVersion): ModelVersion[] {
    const latest = this.#index.latestNumber(wanted.namespace, wanted.model);
    const ahead = (this.#ahead.get(model) ?? []).filter(({ version }) => version > latest);
    this.#ahead.set(model, ahead);
    return ahead;
  }

  async #inTurn<T>(model: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(model);
    const turn = (async () => {
      await before?.catch(() => {});
      return act();
    })();
    this.#turns.set(model, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(model) === turn) {
        this.#turns.delete(model);
      }
    }
  }
}
