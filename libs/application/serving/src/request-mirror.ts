import { isDomainError } from '#domain/errors';
import {
  hasNonFinite,
  ownedTensor,
  type Tensor,
  validateInputs,
  validateOutputNames,
  validateOutputs,
} from '#domain/inference';
import type { Route } from '#domain/routing';
import { disagreements } from './answers-agree.ts';
import type { InferenceCall, InferenceRun, SequencePlace } from './inference-call.ts';
import type { RoutedSlot } from './routed-slot.ts';
import type { Timing } from './timing.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

/**
 * What became of a copy.
 * - `success`: it was answered; `disagreement`: otherwise than stable did.
 * - `server_error`: the candidate failed.
 * - `shed`: it was not made, or not run, for want of room.
 */
export type MirrorOutcome = 'success' | 'disagreement' | 'server_error' | 'shed';

/** A copy that ended. */
export interface MirrorObservation {
  readonly modelName: string;
  readonly outcome: MirrorOutcome;
}

/** What a mirror takes from outside. */
export interface MirrorParts extends Timing {
  readonly ledger: TrafficLedger;
  /** Uniform in [0, 1). */
  readonly random01: () => number;
  readonly observeMirrored?: ((observation: MirrorObservation) => void) | undefined;
}

/** A request that stable has answered. */
export interface MirroredRequest {
  readonly inputs: readonly Tensor[];
  readonly parameter?: InferenceCall['parameter'];
  readonly sequence?: SequencePlace | undefined;
  /** Whether the memory of its tensors, and of its answer's, may be given back when it is answered. */
  readonly isBorrowed?: boolean | undefined;
}

/** Copies in work for a deployment. */
const MAX_IN_FLIGHT = 8;
/** Of its concurrency that a deployment may use up and still have copies made. */
const BUSY_SHARE = 0.5;
/** Behind every request that a client waits for. */
const LOWEST_PRIORITY = Number.MAX_SAFE_INTEGER;

/**
 * Puts copies of stable's requests to the candidate, and compares the answers. No client waits for one, or learns of it: a copy begins
 * when stable's answer has left, waits behind every client's request, and is dropped where those might need the room.
 */
export class RequestMirror {
  readonly #parts: MirrorParts;
  readonly #inFlight = new Map<string, number>();

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /**
   * Takes a request that stable has answered, if chance wants it and there is room. Its tensors and those of the answer must stay as they
   * are then: no bytes are copied, but those of a borrowed request.
   *
   * @param inWork requests of the deployment.
   * @returns whether it was taken.
   */
  offer(route: Route<RoutedSlot>, request: MirroredRequest, answer: InferenceRun, inWork: number): boolean {
    const { candidate, mirrorPercent = 0, modelName } = route;
    if (candidate === undefined || this.#parts.random01() * 100 >= mirrorPercent) return false;
    // Who takes a part in a sequence changes its state.
    if (request.sequence !== undefined || route.serving.sequence !== undefined) return false;
    const inFlight = this.#inFlight.get(modelName) ?? 0;
    const isBusy = inWork >= route.maxConcurrency * BUSY_SHARE;
    if (inFlight >= MAX_IN_FLIGHT || isBusy || !hasRoom(candidate)) {
      this.#shed(route, candidate.build);
      return false;
    }
    this.#inFlight.set(modelName, inFlight + 1);
    const copied = request.isBorrowed === true ? ownedBy(request, answer) : { request, answer };
    this.#parts.after(0, () => void this.#run(route, candidate, copied));
    return true;
  }

  async #run(route: Route<RoutedSlot>, candidate: RoutedSlot, { request, answer }: AnsweredRequest): Promise<void> {
    const { ledger } = this.#parts;
    const { build } = candidate;
    try {
      const run = await this.#ask(route, candidate, request, answer);
      const different = disagreements(route.watch?.agreement ?? [], answer.outputs, run.outputs);
      ledger.countMirrored(route, build, different);
      this.#tell(route, different === undefined || different.length === 0 ? 'success' : 'disagreement');
    } catch (error) {
      // What stable has answered is no mistake of the client's: whatever else goes wrong is the candidate's doing.
      if (isDomainError(error, 'QUEUE_FULL')) this.#shed(route, build);
      else {
        ledger.countMirroredError(route, build);
        this.#tell(route, 'server_error');
      }
    } finally {
      const left = (this.#inFlight.get(route.modelName) ?? 1) - 1;
      if (left === 0) this.#inFlight.delete(route.modelName);
      else this.#inFlight.set(route.modelName, left);
    }
  }

  /** @throws whatever the candidate does, and MODEL_RUN_FAILED for an answer that cannot be given to a client */
  async #ask(
    { deadlineMs, watch }: Route<RoutedSlot>,
    candidate: RoutedSlot,
    { inputs, parameter }: MirroredRequest,
    answer: Pick<InferenceRun, 'outputs'>,
  ): Promise<InferenceRun> {
    const { signature } = candidate.view;
    validateInputs(signature, inputs);
    const outputNames = validateOutputNames(
      signature,
      answer.outputs.map(({ name }) => name),
    );
    const run = await candidate.run({
      inputs,
      outputNames,
      deadlineAtMs: this.#parts.monotonicMs() + deadlineMs,
      priority: LOWEST_PRIORITY,
      sequence: undefined,
      isRetriedOnLoss: false,
      parameter,
    });
    validateOutputs(signature, outputNames, run.outputs);
    if (watch?.nonFinite === true && run.outputs.some(hasNonFinite) && !answer.outputs.some(hasNonFinite))
      throw new Error('the answer holds NaN or an infinity, and stable has numbers');
    return run;
  }

  #shed(route: Route<RoutedSlot>, build: string): void {
    this.#parts.ledger.countShed(route, build);
    this.#tell(route, 'shed');
  }

  #tell({ modelName }: Route<RoutedSlot>, outcome: MirrorOutcome): void {
    this.#parts.observeMirrored?.({ modelName, outcome });
  }
}

interface AnsweredRequest {
  readonly request: MirroredRequest;
  readonly answer: Pick<InferenceRun, 'outputs'>;
}

function ownedBy(request: MirroredRequest, { outputs }: InferenceRun): AnsweredRequest {
  return {
    request: { ...request, inputs: request.inputs.map(ownedTensor) },
    answer: { outputs: outputs.map(ownedTensor) },
  };
}

/** Whether nobody waits for the version. */
function hasRoom({ state, isFull, profile }: RoutedSlot): boolean {
  return state.kind === 'ready' && !isFull && (profile?.callsWaiting ?? 0) === 0;
}
