import { isMap, isScalar, parseDocument } from 'yaml';
import { DomainError } from '#domain/errors';

/** A new manifest in the fewest lines. */
export function newManifest(options: {
  readonly namespace: string;
  readonly name: string;
  readonly model: string;
  readonly version: number;
  readonly strategy: string | undefined;
}): string {
  const namespace = options.namespace === 'default' ? '' : `\n  namespace: ${options.namespace}`;
  const rollout = options.strategy === undefined ? '' : `  rollout:\n    strategy: ${options.strategy}\n`;
  return `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata:
  name: ${options.name}${namespace}
spec:
  model: ${options.model}
  version: ${options.version}
${rollout}`;
}

/**
 * The manifest with another version, every other byte as it was; in the place of an alias, where it names one.
 *
 * @throws MANIFEST_INVALID when the file holds no single document with `spec.version` or `spec.alias`.
 */
export function manifestWithVersion(text: string, file: string, version: number): string {
  const document = parseDocument(text);
  const spec = document.errors.length === 0 ? document.get('spec', true) : undefined;
  const pairs = isMap(spec) ? spec.items : [];
  const pairOf = (name: string) => pairs.find(({ key }) => isScalar(key) && key.value === name);
  const pair = pairOf('version') ?? pairOf('alias');
  if (!isScalar(pair?.key) || !isScalar(pair.value) || pair.key.range == null || pair.value.range == null) {
    throw new DomainError(
      'MANIFEST_INVALID',
      `${file} holds no single manifest with spec.version or spec.alias: edit it by hand`,
    );
  }
  const [start, end] = [pair.key.range[0], pair.value.range[1]];
  return `${text.slice(0, start)}version: ${version}${text.slice(end)}`;
}
