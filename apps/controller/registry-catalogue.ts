import type { AccessAnswer, FoundModel, FoundVersion, FoundVersions } from '#adapters/registry-client';
import type { Selection, VersionCatalogue } from '#application/rollout';
import { DomainError, isDomainError } from '#domain/errors';
import { isDatatype } from '#domain/inference';
import {
  type HardwareTarget,
  type ModelFile,
  type ModelFormat,
  type Precision,
  parseDigest,
  parseModelName,
  parseNamespace,
} from '#domain/registry';
import type { Resolution, ServableVersion, VersionPolicy } from '#domain/rollout';
import { requirementProblem, type Signers } from '#domain/signing';
import type { TensorSpec } from '#generated/graphql';

/** What the catalogue needs of the registry's client. */
export interface VersionReader {
  version(
    namespace: string,
    model: string,
    which: { version: number } | { alias: string },
  ): Promise<FoundVersion | null>;
  model(namespace: string, name: string, firstVersions?: number): Promise<FoundModel | null>;
  newestVersions(namespace: string, model: string, first: number): Promise<FoundVersions>;
  access(
    action: string,
    attributes: Readonly<Record<string, string>>,
  ): Promise<Pick<AccessAnswer, 'isAllowed' | 'reason'>>;
}

const ADVICE = 'give it a key that may model.read and version.read, as SLIPWAY_REGISTRY_KEY';

/**
 * Versions as the registry knows them. What the registry does not show this controller is not there by its answers: that is told apart
 * from what is missing, so that nothing is decided upon it.
 */
export class RegistryCatalogue implements VersionCatalogue {
  readonly #registry: VersionReader;
  readonly #signers: Signers;
  readonly #onRefused: (reason: string) => void;
  #isRefused = false;

  /**
   * @param signers whose signatures count.
   * @param onRefused told once that the registry refuses this controller, until it answers again.
   */
  constructor(registry: VersionReader, signers: Signers, onRefused: (reason: string) => void) {
    this.#registry = registry;
    this.#signers = signers;
    this.#onRefused = onRefused;
  }

  resolve(namespace: string, model: string, version: number, signedBy?: readonly string[]): Promise<Resolution> {
    return this.#orUnknown(async () => {
      const found = await this.#registry.version(namespace, model, { version });
      if (found !== null) return this.#signed(found, signedBy);
      await this.#requireShown(namespace, model);
      const known = await this.#registry.model(namespace, model, 1);
      const reason =
        known === null
          ? absentModel(namespace, model)
          : `${model} has no version ${version}; the newest is ${known.latestVersion?.version ?? 'none'}`;
      return { kind: 'missing', reason };
    });
  }

  resolveAlias(namespace: string, model: string, alias: string): Promise<Resolution> {
    return this.#orUnknown(async () => {
      const found = await this.#registry.version(namespace, model, { alias });
      if (found !== null) return servableOrWithdrawn(found);
      await this.#requireShown(namespace, model);
      const known = await this.#registry.model(namespace, model, 1);
      if (known === null) return { kind: 'missing', reason: absentModel(namespace, model) };
      const aliases = known.aliases.map((other) => other.alias).join(', ') || 'none';
      return { kind: 'missing', reason: `${model} has no alias ${alias}; it has ${aliases}` };
    });
  }

  select(
    namespace: string,
    model: string,
    policy: VersionPolicy,
    limit: number,
    signedBy?: readonly string[],
  ): Promise<Selection> {
    return this.#orUnknown(async () => {
      if (policy.kind === 'specific') return this.#selectSpecific(namespace, model, policy.versions, signedBy);
      const isAll = policy.kind === 'all';
      const first = isAll ? limit : Math.min(policy.count, limit);
      const { totalCount, nodes } = await this.#registry.newestVersions(namespace, model, first);
      if (totalCount === 0) await this.#requireShown(namespace, model);
      const resolved = nodes.map((node) => ({ version: node.version, resolution: this.#signed(node, signedBy) }));
      const { servables, missing } = partsOf(resolved);
      return { kind: 'found', servables, totalCount: (isAll ? totalCount : nodes.length) - missing.length, missing };
    });
  }

  async #selectSpecific(
    namespace: string,
    model: string,
    versions: readonly number[],
    signedBy: readonly string[] | undefined,
  ): Promise<Selection> {
    const resolved: ResolvedVersion[] = [];
    for (const version of versions.toSorted((left, right) => right - left)) {
      const resolution = await this.resolve(namespace, model, version, signedBy);
      if (resolution.kind === 'unknown') return resolution;
      resolved.push({ version, resolution });
    }
    const { servables, missing } = partsOf(resolved);
    return { kind: 'found', servables, totalCount: servables.length, missing };
  }

  /** A version with the signatures that it must have. */
  #signed(found: FoundVersion, signedBy: readonly string[] | undefined): Resolution {
    const resolution = servableOrWithdrawn(found);
    if (resolution.kind !== 'found' || signedBy === undefined) return resolution;
    const { servable } = resolution;
    const signing = { signedBy, bundles: found.signatures.map(({ bundle }) => bundle) };
    const reason = requirementProblem(this.#signers, signing, servable);
    if (reason !== undefined) return { kind: 'missing', reason, isUnsigned: true };
    return { kind: 'found', servable: { ...servable, signing } };
  }

  /** @throws ACCESS_DENIED when the registry would not show the versions of a model, were there any. */
  async #requireShown(namespace: string, model: string): Promise<void> {
    const { isAllowed, reason } = await this.#registry.access('version.read', { namespace, model });
    if (!isAllowed) throw new DomainError('ACCESS_DENIED', reason);
  }

  /** An unreachable registry is an answer, too, and so is one that refuses the controller. */
  async #orUnknown<T>(ask: () => Promise<T>): Promise<T | { readonly kind: 'unknown'; readonly reason: string }> {
    try {
      const answer = await ask();
      this.#isRefused = false;
      return answer;
    } catch (error) {
      if (!isDomainError(error)) throw error;
      const isRefused = error.code === 'UNAUTHENTICATED' || error.code === 'ACCESS_DENIED';
      return { kind: 'unknown', reason: isRefused ? this.#refused(error.message) : error.message };
    }
  }

  #refused(why: string): string {
    const reason = `the registry refuses this controller: ${why}; ${ADVICE}`;
    if (!this.#isRefused) this.#onRefused(reason);
    this.#isRefused = true;
    return reason;
  }
}

interface ResolvedVersion {
  readonly version: number;
  readonly resolution: Resolution;
}

function partsOf(resolved: readonly ResolvedVersion[]) {
  const servables: ServableVersion[] = [];
  const missing: { version: number; reason: string }[] = [];
  for (const { version, resolution } of resolved) {
    if (resolution.kind === 'found') servables.push(resolution.servable);
    else missing.push({ version, reason: resolution.reason });
  }
  return { servables, missing };
}

function servableOrWithdrawn(found: FoundVersion): Resolution {
  if (found.tombstone === null) return { kind: 'found', servable: toServable(found) };
  const { model, version, tombstone } = found;
  return { kind: 'missing', reason: `${model}@${version} was withdrawn: ${tombstone.reason}` };
}

function absentModel(namespace: string, model: string): string {
  return `the registry has no model ${model} in namespace ${namespace}`;
}

function toServable(version: FoundVersion): ServableVersion {
  return {
    namespace: parseNamespace(version.namespace),
    model: parseModelName(version.model),
    version: version.version,
    signature: { inputs: version.inputs.map(toSpec), outputs: version.outputs.map(toSpec) },
    variants: version.variants.map((variant) => ({
      target: variant.target.toLowerCase() as HardwareTarget,
      precision: variant.precision.toLowerCase() as Precision,
      format: variant.format.toLowerCase() as ModelFormat,
      producer: variant.producer,
      opsets: Object.fromEntries(variant.opsets.map((opset) => [opset.domain, opset.version])),
      files: filesOf(variant.files),
    })),
  };
}

function toSpec({ name, datatype, shape }: TensorSpec) {
  if (!isDatatype(datatype)) throw new Error(`the registry named datatype ${datatype}`);
  return { name, datatype, shape };
}

function filesOf(files: FoundVersion['variants'][number]['files']): [ModelFile, ...ModelFile[]] {
  const [first, ...others] = files.map(({ path, digest, sizeBytes }) => ({
    path,
    digest: parseDigest(digest),
    sizeBytes,
  }));
  if (first === undefined) throw new Error('the registry named a variant without files');
  return [first, ...others];
}
