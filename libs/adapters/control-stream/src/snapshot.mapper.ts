import type { DesiredRoute, ServedVersion, ServingSnapshot } from '#application/serving';
import { isDatatype, type TensorSpec } from '#domain/inference';
import { parseDigest } from '#domain/registry';
import type * as wire from '#generated/slipway/control/v1/control';

/** @throws Error when a message holds what no controller writes. */
export function toServingSnapshot(snapshot: wire.RouteSnapshot): ServingSnapshot {
  return { revision: Number(snapshot.revision), deployments: snapshot.deployments.map(toRoute) };
}

function toRoute(route: wire.DeploymentRoute): DesiredRoute {
  return {
    namespace: route.namespace,
    name: route.name,
    stable: route.stable && toVersion(route.stable),
    candidate: route.candidate && toVersion(route.candidate),
    candidateWeightPercent: route.candidateWeightPercent,
    rolloutId: route.rolloutId,
    fallbackToStable: route.fallbackToStable,
    deadlineMs: route.deadlineMs,
    maxConcurrency: route.maxConcurrency,
  };
}

function toVersion({ model, version, inputs, outputs, variants }: wire.ServedVersion): ServedVersion {
  return {
    model,
    version,
    signature: { inputs: inputs.map(toSpec), outputs: outputs.map(toSpec) },
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
  };
}

function toSpec({ name, datatype, shape }: wire.TensorSpec): TensorSpec {
  if (!isDatatype(datatype)) throw new Error(`unknown datatype ${datatype}`);
  return { name, datatype, shape: shape.map(Number) };
}
