import { type EnsembleStep, outputsOf } from '#domain/ensemble';
import type { Tensor } from '#domain/inference';

/** A step with its place in the ensemble, such as `steps[1].splitter.branches[0].steps[2]`. */
export interface PlacedStep {
  readonly step: EnsembleStep;
  readonly path: string;
}

/** Which step gives which value, for steps that see each other's. */
export type Givers = ReadonlyMap<string, PlacedStep>;

/** @param path of the steps' place; empty for those of the ensemble itself. */
export function giversOf(steps: readonly EnsembleStep[], path: string): Givers {
  const prefix = path === '' ? '' : `${path}.`;
  return new Map(
    steps.flatMap((step, index) =>
      outputsOf(step).map(({ value }) => [value, { step, path: `${prefix}steps[${index}]` }] as const),
    ),
  );
}

/**
 * The values of one request, each found when it is first asked for: a step runs once, at the first demand for one of its values, and
 * what nobody asks for is not computed.
 */
export class ValueScope {
  readonly #givers: Givers;
  readonly #around: (name: string) => Promise<Tensor>;
  readonly #runStep: (placed: PlacedStep, scope: ValueScope) => Promise<readonly Tensor[]>;
  readonly #running = new Map<EnsembleStep, Promise<readonly Tensor[]>>();

  /**
   * @param around gives the values that no step here does.
   * @param runStep answers a step's values in any order, by their names.
   */
  constructor(
    givers: Givers,
    around: (name: string) => Promise<Tensor>,
    runStep: (placed: PlacedStep, scope: ValueScope) => Promise<readonly Tensor[]>,
  ) {
    this.#givers = givers;
    this.#around = around;
    this.#runStep = runStep;
  }

  /** A value. Rejects with what its step failed with, or one before it. */
  readonly value = async (name: string): Promise<Tensor> => {
    const giver = this.#givers.get(name);
    if (giver === undefined) return this.#around(name);
    let running = this.#running.get(giver.step);
    if (running === undefined) {
      running = this.#runStep(giver, this);
      this.#running.set(giver.step, running);
    }
    const found = (await running).find((tensor) => tensor.name === name);
    if (found === undefined) throw new Error(`${giver.path} has not given "${name}"`);
    return found;
  };
}
