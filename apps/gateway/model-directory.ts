import type { NamedStatistics } from '#adapters/open-inference';
import {
  type ModelProfile,
  type ModelStatistics,
  type RoutedSlot,
  type ServingSet,
  UNBATCHED_PROFILE,
} from '#application/serving';
import type { ModelSignature } from '#domain/inference';
import {
  deploymentNotFound,
  findVersion,
  pickVersion,
  publicModelName,
  type Route,
  routedNumbers,
} from '#domain/routing';

/** A model as its metadata describes it. */
export interface ModelDescription {
  readonly name: string;
  readonly versions: readonly string[];
  readonly signature: ModelSignature;
  readonly profile: ModelProfile;
}

/** What can be asked of the served models without running them. */
export class ModelDirectory {
  readonly #servingSet: ServingSet;
  readonly #statistics: ModelStatistics;
  readonly #profileOf: (slot: RoutedSlot) => ModelProfile;

  /** @param profileOf how a version is run here. */
  constructor(
    servingSet: ServingSet,
    statistics: ModelStatistics,
    profileOf: (slot: RoutedSlot) => ModelProfile = () => UNBATCHED_PROFILE,
  ) {
    this.#servingSet = servingSet;
    this.#statistics = statistics;
    this.#profileOf = profileOf;
  }

  get names(): readonly string[] {
    return [...this.#servingSet.routes.keys()].sort();
  }

  /** @throws DEPLOYMENT_NOT_FOUND, MODEL_VERSION_NOT_SERVED */
  describe(modelName: string, modelVersion: string | undefined): ModelDescription {
    const route = this.#require(modelName);
    // Without a version the stable one speaks: a candidate may be gone in a moment.
    const { version } = pickVersion({ ...route, candidateWeightPercent: 0, match: undefined }, modelVersion, 0);
    return {
      name: modelName,
      versions: routedNumbers(route).map(String),
      signature: version.view.signature,
      profile: this.#profileOf(version),
    };
  }

  /**
   * Statistics of what is served.
   *
   * @param modelName empty or absent for every model.
   * @param modelVersion empty or absent for every version of it.
   * @throws DEPLOYMENT_NOT_FOUND, MODEL_VERSION_NOT_SERVED
   */
  statistics(modelName?: string, modelVersion?: string): readonly NamedStatistics[] {
    if (modelName === undefined || modelName === '') return this.names.flatMap((name) => this.statistics(name));
    const route = this.#require(modelName);
    const isOne = modelVersion !== undefined && modelVersion !== '';
    const versions = isOne ? [pickVersion(route, modelVersion, 0).version.version] : routedNumbers(route);
    return versions.map((version) => ({
      name: modelName,
      version: String(version),
      statistics: this.#statistics.of(modelName, version),
    }));
  }

  /** Whether there is a model of this name, ready or not. */
  isKnown(modelName: string): boolean {
    return (
      this.#servingSet.routes.has(modelName) ||
      this.#servingSet.reports.some(({ namespace, deployment }) => publicModelName(namespace, deployment) === modelName)
    );
  }

  /** Whether a request to the model, or to that version of it, would be answered; one that sleeps is loaded for it. */
  isReady(modelName: string, modelVersion: string | undefined): boolean {
    const route = this.#servingSet.routes.get(modelName);
    if (route === undefined) return false;
    const isAny = modelVersion === undefined || modelVersion === '';
    const asked = isAny ? route.stable : findVersion(route, modelVersion)?.version;
    return asked?.state.kind === 'ready' || asked?.state.kind === 'sleeping';
  }

  #require(modelName: string): Route<RoutedSlot> {
    const route = this.#servingSet.routes.get(modelName);
    if (route !== undefined) return route;
    throw deploymentNotFound(modelName);
  }
}
