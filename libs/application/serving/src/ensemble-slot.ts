import { type EnsembleProblem, type EnsembleSpec, membersOf, planEnsemble } from '#domain/ensemble';
import { DomainError } from '#domain/errors';
import type { ClientView, ModelSignature } from '#domain/inference';
import { type EnsembleParts, EnsembleRunner } from './ensemble-runner.ts';
import type { InferenceCall, InferenceRun } from './inference-call.ts';
import type { RoutedSlot } from './routed-slot.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import type { SlotState } from './slot-state.ts';

/** What this gateway has of a version that an ensemble calls. */
export interface Member {
  /** As clients see it. */
  readonly signature: ModelSignature;
  readonly isReady: boolean;
}

/** Finds what a step calls, or says why it cannot be called: `is not served`. */
export type LookUpMember = (deployment: string, version: number | undefined) => Member | { readonly problem: string };

/** An ensemble as one version of one deployment on this gateway. It holds nothing; what it calls comes and goes without it. */
export class EnsembleSlot implements RoutedSlot {
  readonly served: ServedVersion;
  readonly view: ClientView;
  readonly variantName = 'ensemble';
  readonly profile = undefined;
  /** What it calls has limits of its own. */
  readonly isFull = false;
  readonly #spec: EnsembleSpec;
  readonly #runner: EnsembleRunner;
  #state: SlotState = { kind: 'loading' };

  constructor(served: ServedVersion, spec: EnsembleSpec, parts: EnsembleParts) {
    this.served = served;
    this.view = { signature: served.signature, defaultOutputNames: served.signature.outputs.map(({ name }) => name) };
    this.#spec = spec;
    this.#runner = new EnsembleRunner(spec, parts);
  }

  get version(): number {
    return this.served.version;
  }

  get build(): string {
    return this.served.build;
  }

  /** `ready`: all its parts are. `loading`: they fit each other, and some are not ready now. `failed`: they do not fit, or are missing. */
  get state(): SlotState {
    return this.#state;
  }

  /** Looks again at what it calls; answers whether its state is another one now. */
  review(lookUp: LookUpMember): boolean {
    if (this.#state.kind === 'closed') return false;
    const before = JSON.stringify(this.#state);
    this.#state = this.#stateOver(lookUp);
    return JSON.stringify(this.#state) !== before;
  }

  /**
   * Answers a request, also while some of its parts are not ready: it may have answers enough without them.
   *
   * @throws MODEL_VERSION_NOT_READY when its parts do not fit each other, and whatever {@link EnsembleRunner.run} throws.
   */
  async run(call: InferenceCall): Promise<InferenceRun> {
    if (this.#state.kind !== 'failed') return this.#runner.run(call);
    throw new DomainError(
      'MODEL_VERSION_NOT_READY',
      `ensemble ${this.served.model} cannot be served now: ${this.#state.message}`,
    );
  }

  /** Its parts hold sequences, each its own. */
  holdsSequence(): boolean {
    return false;
  }

  close(): void {
    this.#state = { kind: 'closed' };
  }

  #stateOver(lookUp: LookUpMember): SlotState {
    const problems = planEnsemble(this.#spec, (deployment, version) => {
      const found = lookUp(deployment, version);
      return 'problem' in found ? found : found.signature;
    });
    if (problems.length > 0) return { kind: 'failed', code: 'ENSEMBLE_INVALID', message: inWords(problems) };
    const isReady = membersOf(this.#spec).every(({ deployment, version }) => {
      const found = lookUp(deployment, version);
      return 'isReady' in found && found.isReady;
    });
    return isReady ? { kind: 'ready' } : { kind: 'loading' };
  }
}

function inWords(problems: readonly EnsembleProblem[]): string {
  return problems.map(({ path, message }) => `${path} ${message}`).join('; ');
}
