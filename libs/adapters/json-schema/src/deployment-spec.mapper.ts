import { DEFAULT_SERVING_OPTIONS, type ServingOptions } from '#domain/inference';
import { DEFAULT_NAMESPACE, parseAliasName, parseModelName, parseNamespace } from '#domain/registry';
import {
  type AliasedSpec,
  type DeploymentSpec,
  NO_VERSION,
  type RolloutPlan,
  type VersionPolicy,
} from '#domain/rollout';
import type { ModelDeployment, VersionPolicy as WirePolicy } from '#generated/model-deployment';
import { toMs } from './duration.ts';
import { toEnsembleSpec } from './ensemble-spec.mapper.ts';
import { toPlan } from './rollout-plan.mapper.ts';

const DEFAULT_DEADLINE = '10s';
const DEFAULT_CONCURRENCY = 256;
const DEFAULT_MAX_SEQUENCES = 1000;
const DEFAULT_SEQUENCE_IDLE = '1m';
/** An ensemble replaces the one before it when the gateways have found that it can be served, however long that takes. */
const ENSEMBLE_PLAN: RolloutPlan = {
  strategy: 'allAtOnce',
  steps: [],
  fallbackToStable: false,
  progressDeadlineMs: Number.MAX_SAFE_INTEGER,
  gates: [],
  writeBack: 'none',
};
const UNIT_BYTES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Fills in the defaults of a valid manifest. */
export function toDeploymentSpec({ metadata, spec }: ModelDeployment): DeploymentSpec | AliasedSpec {
  return {
    namespace: metadata.namespace === undefined ? DEFAULT_NAMESPACE : parseNamespace(metadata.namespace),
    name: parseModelName(metadata.name),
    ...sourceOf(metadata.name, spec),
    deadlineMs: toMs(spec.resources?.deadline ?? DEFAULT_DEADLINE),
    maxConcurrency: spec.resources?.concurrency ?? DEFAULT_CONCURRENCY,
    serving: toServingOptions(spec),
    rollout: spec.ensemble === undefined ? toPlan(spec.rollout ?? {}) : ENSEMBLE_PLAN,
  };
}

/** The schema demands an ensemble, or a model with a version or an alias. */
function sourceOf(name: string, spec: ModelDeployment['spec']) {
  if (spec.ensemble !== undefined) {
    return { model: parseModelName(name), version: NO_VERSION, ensemble: toEnsembleSpec(spec.ensemble) };
  }
  return {
    model: parseModelName(spec.model ?? ''),
    ...toVersion(spec),
    ...(spec.versionPolicy === undefined ? {} : { versionPolicy: toVersionPolicy(spec.versionPolicy) }),
    ...(spec.variants === undefined ? {} : { variants: spec.variants }),
    ...(spec.require === undefined ? {} : { signedBy: spec.require.signedBy }),
  };
}

/** The schema has checked that there is exactly one of the two. */
function toVersion({ version, alias }: ModelDeployment['spec']) {
  return version === undefined ? { alias: parseAliasName(alias ?? '') } : { version };
}

function toVersionPolicy(policy: WirePolicy): VersionPolicy {
  if ('latest' in policy) return { kind: 'latest', count: policy.latest.count };
  if ('specific' in policy) return { kind: 'specific', versions: policy.specific.versions };
  return { kind: 'all' };
}

function toServingOptions({
  resources,
  batching,
  cache,
  sequence,
  payloadLog,
  preprocess = [],
  postprocess = [],
}: ModelDeployment['spec']): ServingOptions {
  const defaults = DEFAULT_SERVING_OPTIONS;
  return {
    instances: resources?.instances,
    intraOpThreads: resources?.threads,
    batching: {
      maxBatchSize: batching?.maxBatchSize,
      maxDelayMs: batching?.maxDelay === undefined ? defaults.batching.maxDelayMs : toMs(batching.maxDelay),
      preferredSizes: (batching?.preferredSizes ?? []).toSorted((left, right) => left - right),
    },
    cache: cache && {
      maxBytes: toBytes(cache.maxMemory),
      ttlMs: cache.ttl === undefined ? undefined : toMs(cache.ttl),
    },
    sequence: sequence && {
      states: sequence.states,
      startInput: sequence.startInput,
      endInput: sequence.endInput,
      maxSequences: sequence.maxSequences ?? DEFAULT_MAX_SEQUENCES,
      maxIdleMs: toMs(sequence.maxIdle ?? DEFAULT_SEQUENCE_IDLE),
    },
    payloadLog: payloadLog && { samplePercent: payloadLog.samplePercent, redact: payloadLog.redact ?? [] },
    ...(preprocess.length + postprocess.length === 0 ? {} : { processing: { preprocess, postprocess } }),
  };
}

/** `512Ki`, `64Mi`, `1Gi`; the schema has checked the form. */
function toBytes(memory: string): number {
  const [, amount = '0', unit = 'Mi'] = /^(\d+)(Ki|Mi|Gi)$/.exec(memory) ?? [];
  return Number(amount) * (UNIT_BYTES[unit] ?? 1);
}
