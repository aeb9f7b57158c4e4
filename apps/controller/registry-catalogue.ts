import type { FoundModel, FoundVersion } from '#adapters/registry-client';
import type { VersionCatalogue } from '#application/rollout';
import { isDomainError } from '#domain/errors';
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
import type { Resolution, ServableVersion } from '#domain/rollout';
import type { TensorSpec } from '#generated/graphql';

/** What the catalogue needs of the registry's client. */
export interface VersionReader {
  version(namespace: string, model: string, which: { version: number }): Promise<FoundVersion | null>;
  model(namespace: string, name: string, firstVersions?: number): Promise<FoundModel | null>;
}

/** Versions as the registry knows them. */
export class RegistryCatalogue implements VersionCatalogue {
  readonly #registry: VersionReader;

  constructor(registry: VersionReader) {
    this.#registry = registry;
  }

  async resolve(namespace: string, model: string, version: number): Promise<Resolution> {
    try {
      const found = await this.#registry.version(namespace, model, { version });
      if (found?.tombstone != null) {
        return { kind: 'missing', reason: `${model}@${version} was withdrawn: ${found.tombstone.reason}` };
      }
      if (found !== null) return { kind: 'found', servable: toServable(found) };
      const known = await this.#registry.model(namespace, model, 1);
      const newest = known?.latestVersion?.version;
      const reason =
        known === null
          ? `the registry has no model ${model} in namespace ${namespace}`
          : `${model} has no version ${version}; the newest is ${newest ?? 'none'}`;
      return { kind: 'missing', reason };
    } catch (error) {
      if (isDomainError(error)) return { kind: 'unknown', reason: error.message };
      throw error;
    }
  }
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
