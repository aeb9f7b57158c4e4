import type { FoundModel, FoundVersion } from '#adapters/registry-client';
import type * as wire from '#generated/graphql';
import { humanBytes, table } from './output.ts';

/** The stage, what waits, and every reason not to use the version. */
export function stageOf({ stage, pendingStage, deprecation, tombstone }: FoundVersion): string {
  const remarks = [
    pendingStage && `${pendingStage.stage.toLowerCase()} asked for by ${pendingStage.by}, waits for approval`,
    deprecation && `deprecated: ${deprecation.reason || 'no reason given'}`,
    tombstone && `withdrawn: ${tombstone.reason || 'no reason given'}`,
  ].filter(Boolean);
  return [stage.toLowerCase(), ...remarks].join('; ');
}

/** A model with a table of its versions, for people. */
export function describeModel(model: FoundModel): string {
  const rows = model.versions.nodes.map((version) => [
    `@${version.version}`,
    version.createdAt,
    pairsOf(version.metrics),
    version.variants.map(({ target, precision }) => `${target}/${precision}`.toLowerCase()).join(', '),
    version.aliases.join(', ') || '-',
  ]);
  const head = `${model.namespace}/${model.name}${model.description === null ? '' : `: ${model.description}`}`;
  return `${head}\n\n${table(['VERSION', 'CREATED', 'METRICS', 'VARIANTS', 'ALIASES'], rows)}`;
}

/** A version, a fact a line, for people. */
export function describeVersion(version: FoundVersion): string {
  const spec = ({ name, datatype, shape }: wire.TensorSpec) => `${name} ${datatype}[${shape.join(',')}]`;
  const lines: readonly (readonly [string, string])[] = [
    ['version', `${version.namespace}/${version.model}@${version.version}`],
    ['uri', version.uri],
    ['created', `${version.createdAt} by ${version.createdBy}`],
    ...(version.semanticVersion === null ? [] : [['semantic version', version.semanticVersion] as const]),
    ['stage', stageOf(version)],
    ['signatures', version.signatures.map(signatureInWords).join(', ') || '-'],
    ['description', version.description ?? '-'],
    ['aliases', version.aliases.join(', ') || '-'],
    ['metrics', pairsOf(version.metrics)],
    ['parameters', pairsOf(version.parameters)],
    ['labels', pairsOf(version.labels)],
    ['training data', listOf(version.trainingData, ({ name, uri }) => (uri === null ? name : `${name} (${uri})`))],
    ['source commit', version.sourceCommit ?? '-'],
    ['derived from', version.parents.map((parent) => `${version.model}@${parent}`).join(', ') || '-'],
    ['inputs', version.inputs.map(spec).join(', ')],
    ['outputs', version.outputs.map(spec).join(', ')],
    ...version.variants.flatMap((variant) =>
      variant.files.map(
        (file) =>
          [
            `${variant.target}/${variant.precision}`.toLowerCase(),
            `${file.path} ${humanBytes(file.sizeBytes)} ${file.digest}`,
          ] as const,
      ),
    ),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Whom the registry takes a signature for. */
function signatureInWords({ signer, problem, by, at }: FoundVersion['signatures'][number]): string {
  return signer === null ? `attached by ${by} on ${at}: ${problem}` : `${signer}, attached by ${by} on ${at}`;
}

/** Names and values; what the caller may not see is `null`. */
export function pairsOf(pairs: readonly { readonly name: string; readonly value: string | number }[] | null): string {
  return listOf(pairs, ({ name, value }) => `${name}=${value}`);
}

function listOf<T>(items: readonly T[] | null, wordOf: (item: T) => string): string {
  return items === null ? 'hidden' : items.map(wordOf).join(', ') || '-';
}
