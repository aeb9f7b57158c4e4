import { DomainError } from '#domain/errors';
import type { BatchingOptions } from '#domain/inference';
import { requirementProblem, type Signers } from '#domain/signing';
import type { ArtifactSource, HostedModel, ModelHost } from './model-host.ts';
import {
  type AllowedOperators,
  assertOperatorsAllowed,
  type OperatorLibrary,
  operatorLibraries,
} from './operator-libraries.ts';
import { type RecordedRequests, recordedFiles } from './recorded-requests.ts';
import { runWarmUp } from './run-warm-up.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import { planWarmUp, type WarmUpRun } from './warm-up.ts';

/** What loading takes from outside. */
export interface LoaderParts {
  readonly artifacts: ArtifactSource;
  readonly host: ModelHost;
  /** Absent: versions are warmed up with zeros. */
  readonly recorded?: RecordedRequests;
  /** Whose signatures of versions count. */
  readonly signers: Signers;
  /** Names of signers, one of whom must have signed every version, whatever its route says. Absent: the routes decide. */
  readonly signedBy?: readonly string[] | undefined;
  /** Which operator libraries of versions are loaded. Absent: none. */
  readonly operators?: AllowedOperators;
  readonly nowMs: () => number;
}

/** A variant whose files are here, with what its instances are warmed up with. */
export interface PreparedVariant {
  readonly variant: ServedVariant;
  readonly modelPath: string;
  readonly operatorLibraries: readonly OperatorLibrary[];
  readonly warmUp: readonly WarmUpRun[];
}

/** How an instance is loaded. */
export interface InstanceOptions {
  /** `undefined` leaves the choice to the runner. */
  readonly intraOpThreads: number | undefined;
  /** Called when its runner is lost after it was loaded; before, its load fails. */
  readonly onLost: (model: HostedModel, reason: string) => void;
  readonly signal: AbortSignal;
}

/** Loads instances of one version. */
export class InstanceLoader {
  readonly #label: string;
  readonly #served: ServedVersion;
  readonly #parts: LoaderParts;

  /** @param label for logs. */
  constructor(label: string, served: ServedVersion, parts: LoaderParts) {
    this.#label = label;
    this.#served = served;
    this.#parts = parts;
  }

  /**
   * Brings the files of the first variant that can be run here.
   *
   * @throws VERSION_NOT_SIGNED, NO_RUNNABLE_VARIANT, OPERATORS_REFUSED, and what the artifacts throw
   */
  async prepare(batching: BatchingOptions): Promise<PreparedVariant> {
    this.#assertSigned();
    const { variants, signature } = this.#served;
    const variant = variants.find((candidate) => this.#parts.host.canRun(candidate));
    if (variant === undefined) {
      const names = variants.map(({ target, precision, format }) => `${target}/${precision} ${format}`).join(', ');
      throw new DomainError(
        'NO_RUNNABLE_VARIANT',
        `this gateway can run none of the variants: ${names === '' ? 'none' : names}`,
      );
    }
    assertOperatorsAllowed(variant.files, this.#parts.operators);
    const modelPath = await this.#parts.artifacts.materialise(variant.files);
    const kept = recordedFiles(variant.files);
    const recorded = kept.length === 0 ? [] : await this.#parts.recorded?.read(modelPath, variant.files, signature);
    return {
      variant,
      modelPath,
      operatorLibraries: operatorLibraries(modelPath, variant.files),
      warmUp: planWarmUp(signature, batching, recorded ?? []),
    };
  }

  /** The digests that are signed are those by which the files are checked whenever they are read. */
  #assertSigned(): void {
    const { signing, model, version, variants } = this.#served;
    const { signers, signedBy } = this.#parts;
    if (signing === undefined) {
      if (signedBy === undefined) return;
      const must = `${model}@${version} must be signed by ${signedBy.join(' or ')} to be loaded by this gateway`;
      throw new DomainError('VERSION_NOT_SIGNED', `${must}, and its manifest requires no signature`);
    }
    const signed = { namespace: signing.modelNamespace, model, version, variants };
    for (const demanded of [signing.signedBy, signedBy]) {
      if (demanded === undefined) continue;
      const requirement = { signedBy: demanded, bundles: signing.bundles };
      const problem = requirementProblem(signers, requirement, signed, 'served');
      if (problem !== undefined) throw new DomainError('VERSION_NOT_SIGNED', problem);
    }
  }

  /** Loads and warms one instance. @throws MODEL_LOAD_FAILED, RUNNER_LOST, and what a warm-up run throws */
  async load(
    { variant, modelPath, operatorLibraries, warmUp }: PreparedVariant,
    { intraOpThreads, onLost, signal }: InstanceOptions,
  ): Promise<HostedModel> {
    const loaded: { model?: HostedModel } = {};
    const model = await this.#parts.host.load({
      label: this.#label,
      modelPath,
      operatorLibraries,
      variant,
      signature: this.#served.signature,
      intraOpThreads,
      onLost: (reason) => {
        if (loaded.model !== undefined) onLost(loaded.model, reason);
      },
      signal,
    });
    try {
      await runWarmUp(warmUp, model, this.#parts.nowMs);
    } catch (error) {
      await model.close();
      throw error;
    }
    loaded.model = model;
    return model;
  }
}
