import type { DesiredRoute, ServedVersion, ServingSnapshot } from '#application/serving';
import { DEFAULT_SERVING_OPTIONS, type ServingOptions } from '#domain/inference';
import { parseDigest } from '#domain/registry';
import type { DeploymentAttributes, StickyKey } from '#domain/routing';
import type * as wire from '#generated/slipway/control/v1/control';
import { toEnsembleSpec } from './ensemble.mapper.ts';
import { toTensorSpec } from './tensor-spec.mapper.ts';

/** @throws Error when a message holds what no controller writes. */
export function toServingSnapshot(snapshot: wire.RouteSnapshot): ServingSnapshot {
  const { revision, epoch, deployments } = snapshot;
  return { revision: Number(revision), epoch: Number(epoch), deployments: deployments.map(toRoute) };
}

function toRoute(route: wire.DeploymentRoute): DesiredRoute {
  return {
    namespace: route.namespace,
    name: route.name,
    attributes: toAttributes(route.attributes),
    stable: route.stable && toVersion(route.stable),
    candidate: route.candidate && toVersion(route.candidate),
    pinned: route.pinned.map(toVersion),
    candidateWeightPercent: route.candidateWeightPercent,
    mirrorPercent: route.mirrorPercent,
    match: route.match,
    stickyBy: toStickyKey(route.stickyBy),
    watch: route.watch,
    breaker: route.breaker,
    rolloutId: route.rolloutId,
    fallbackToStable: route.fallbackToStable,
    deadlineMs: route.deadlineMs,
    maxConcurrency: route.maxConcurrency,
    serving: toServingOptions(route.serving),
  };
}

function toAttributes(attributes: wire.DeploymentAttributes | undefined): DeploymentAttributes | undefined {
  return attributes && { ...attributes, model: attributes.model === '' ? undefined : attributes.model };
}

function toStickyKey(sticky: wire.StickyKey | undefined): StickyKey | undefined {
  return sticky?.key && { source: sticky.key.$case, name: sticky.key.value };
}

function toVersion(served: wire.ServedVersion): ServedVersion {
  const { modelNamespace, model, version, build, inputs, outputs, variants, ensemble, signing } = served;
  return {
    model,
    version,
    build,
    signature: { inputs: inputs.map(toTensorSpec), outputs: outputs.map(toTensorSpec) },
    variants: variants.map(({ target, precision, format, files }) => ({
      target,
      precision,
      format,
      files: files.map((file) => ({
        path: file.path,
        digest: parseDigest(file.digest),
        sizeBytes: Number(file.sizeBytes),
      })),
    })),
    ...(ensemble === undefined ? {} : { ensemble: toEnsembleSpec(ensemble) }),
    ...(signing === undefined ? {} : { signing: { ...signing, modelNamespace } }),
  };
}

/** 0 is how the message says that nothing was said. */
function toServingOptions(options: wire.ServingOptions | undefined): ServingOptions {
  if (options === undefined) return DEFAULT_SERVING_OPTIONS;
  const { instances, intraOpThreads, batching, cache, sequence, payloadLog, preprocess, postprocess } = options;
  return {
    instances: instances || undefined,
    intraOpThreads: intraOpThreads || undefined,
    batching: {
      maxBatchSize: batching?.maxBatchSize || undefined,
      maxDelayMs: batching?.maxDelayMs ?? 0,
      preferredSizes: batching?.preferredSizes ?? [],
    },
    cache: cache && { maxBytes: Number(cache.maxBytes), ttlMs: Number(cache.ttlMs) || undefined },
    sequence: sequence && {
      states: sequence.states,
      startInput: sequence.startInput || undefined,
      endInput: sequence.endInput || undefined,
      maxSequences: sequence.maxSequences,
      maxIdleMs: Number(sequence.maxIdleMs),
    },
    payloadLog,
    ...(preprocess.length + postprocess.length === 0 ? {} : { processing: { preprocess, postprocess } }),
  };
}
