import type { DeploymentRoute, RoutedVersion } from '#application/rollout';
import type { ServingOptions } from '#domain/inference';
import { buildName } from '#domain/rollout';
import type { DeploymentAttributes } from '#domain/routing';
import type { TrafficWatch } from '#domain/traffic';
import type {
  ServedVersion,
  DeploymentAttributes as WireAttributes,
  DeploymentRoute as WireRoute,
  ServingOptions as WireServingOptions,
  TrafficWatch as WireWatch,
} from '#generated/slipway/control/v1/control';
import { ensembleToWire } from './ensemble-to-wire.ts';

/** A route as gateways are told it. */
export function routeToWire(route: DeploymentRoute): WireRoute {
  return {
    namespace: route.namespace,
    name: route.name,
    attributes: attributesToWire(route.attributes),
    stable: route.stable && versionToWire(route.stable),
    candidate: route.candidate && versionToWire(route.candidate),
    pinned: route.pinned.map(versionToWire),
    candidateWeightPercent: route.candidateWeightPercent,
    mirrorPercent: route.mirrorPercent,
    match: route.match && { headers: { ...route.match.headers } },
    stickyBy: route.stickyBy && { key: { $case: route.stickyBy.source, value: route.stickyBy.name } },
    watch: watchToWire(route.watch),
    breaker: route.breaker && { max: route.breaker.max, logThreshold: route.breaker.logThreshold },
    rolloutId: route.rolloutId,
    fallbackToStable: route.fallbackToStable,
    deadlineMs: route.deadlineMs,
    maxConcurrency: route.maxConcurrency,
    serving: servingToWire(route.serving),
  };
}

function attributesToWire({ model = '', targets, labels }: DeploymentAttributes): WireAttributes {
  return { model, targets: [...targets], labels: { ...labels } };
}

function watchToWire({ latency, nonFinite, constant, outputs, agreement }: TrafficWatch): WireWatch {
  const compared = agreement.map(({ output, tolerance }) => ({ output, tolerance }));
  return { latency, nonFinite, constant, outputs: [...outputs], agreement: compared };
}

function versionToWire(routed: RoutedVersion): ServedVersion {
  const { servable, ensemble, variants } = routed;
  const specs = (list: typeof servable.signature.inputs) =>
    list.map((spec) => ({ name: spec.name, datatype: spec.datatype, shape: spec.shape.map(BigInt) }));
  const nameOf = (variant: (typeof servable.variants)[number]) => `${variant.target}/${variant.precision}`;
  const preferred =
    variants === undefined
      ? servable.variants
      : variants.flatMap((wanted) => servable.variants.filter((variant) => nameOf(variant) === wanted));
  return {
    modelNamespace: servable.namespace,
    model: servable.model,
    version: servable.version,
    inputs: specs(servable.signature.inputs),
    outputs: specs(servable.signature.outputs),
    variants: preferred.map(({ target, precision, format, files }) => ({
      target,
      precision,
      format,
      files: files.map((file) => ({ path: file.path, digest: file.digest, sizeBytes: BigInt(file.sizeBytes) })),
    })),
    ensemble: ensemble && ensembleToWire(ensemble),
    build: buildName(servable, routed),
    signing: servable.signing && {
      signedBy: [...servable.signing.signedBy],
      bundles: [...servable.signing.bundles],
    },
  };
}

/** 0 is how the message says that nothing was said. */
function servingToWire({
  instances,
  intraOpThreads,
  batching,
  cache,
  sequence,
  payloadLog,
  processing,
}: ServingOptions): WireServingOptions {
  return {
    instances: instances ?? 0,
    intraOpThreads: intraOpThreads ?? 0,
    batching: {
      maxBatchSize: batching.maxBatchSize ?? 0,
      maxDelayMs: batching.maxDelayMs,
      preferredSizes: [...batching.preferredSizes],
    },
    cache: cache && { maxBytes: BigInt(cache.maxBytes), ttlMs: BigInt(cache.ttlMs ?? 0) },
    sequence: sequence && {
      states: sequence.states.map(({ output, input }) => ({ output, input })),
      startInput: sequence.startInput ?? '',
      endInput: sequence.endInput ?? '',
      maxSequences: sequence.maxSequences,
      maxIdleMs: BigInt(sequence.maxIdleMs),
    },
    payloadLog: payloadLog && { samplePercent: payloadLog.samplePercent, redact: [...payloadLog.redact] },
    preprocess: [...(processing?.preprocess ?? [])],
    postprocess: [...(processing?.postprocess ?? [])],
  };
}
