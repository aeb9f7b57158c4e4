import { publicModelName } from '#domain/routing';
import type { EnsembleParts, MemberCall } from './ensemble-runner.ts';
import { EnsembleSlot, type LookUpMember } from './ensemble-slot.ts';
import type { InferenceRun } from './inference-call.ts';
import type { ServedVersion } from './serving-snapshot.ts';

/** What the ensembles of a gateway take from outside. */
export interface EnsembleSetParts extends Omit<EnsembleParts, 'callMember'> {
  /**
   * Calls a deployment as a client does.
   *
   * @param modelName as clients name it.
   */
  readonly callModel: (modelName: string, call: MemberCall) => Promise<InferenceRun>;
}

/** The ensembles that this gateway holds, by the keys of their slots. */
export class EnsembleSlots {
  readonly #parts: EnsembleSetParts;
  readonly #slots = new Map<string, { readonly namespace: string; readonly slot: EnsembleSlot }>();

  constructor(parts: EnsembleSetParts) {
    this.#parts = parts;
  }

  get(key: string): EnsembleSlot | undefined {
    return this.#slots.get(key)?.slot;
  }

  get all(): readonly EnsembleSlot[] {
    return [...this.#slots.values()].map(({ slot }) => slot);
  }

  /** Takes an ensemble up, unless that very one is held under the key. */
  hold(key: string, namespace: string, served: ServedVersion & Required<Pick<ServedVersion, 'ensemble'>>): void {
    const held = this.get(key);
    if (held !== undefined && JSON.stringify(held.served) === JSON.stringify(served)) return;
    held?.close();
    const callMember = (call: MemberCall) => this.#parts.callModel(publicModelName(namespace, call.deployment), call);
    const slot = new EnsembleSlot(served, served.ensemble, { ...this.#parts, callMember });
    this.#slots.set(key, { namespace, slot });
  }

  /** Looks again at what each of them calls, in its own namespace. */
  review(lookUp: (namespace: string, ...member: Parameters<LookUpMember>) => ReturnType<LookUpMember>): void {
    for (const { namespace, slot } of this.#slots.values()) {
      slot.review((deployment, version) => lookUp(namespace, deployment, version));
    }
  }

  /** Lets go of those that nobody needs. */
  keepOnly(isNeeded: (key: string, slot: EnsembleSlot) => boolean): void {
    for (const [key, { slot }] of this.#slots) {
      if (isNeeded(key, slot)) continue;
      this.#slots.delete(key);
      slot.close();
    }
  }
}
