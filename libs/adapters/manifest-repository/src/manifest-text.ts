import { isScalar, parseDocument } from 'yaml';
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
 * The manifest with another version, every other byte as it was.
 *
 * @throws MANIFEST_INVALID when the file holds no single document with `spec.version`.
 */
export function manifestWithVersion(text: string, file: string, version: number): string {
  const document = parseDocument(text);
  const node = document.errors.length === 0 ? document.getIn(['spec', 'version'], true) : undefined;
  if (!isScalar(node) || node.range == null) {
    throw new DomainError('MANIFEST_INVALID', `${file} holds no single manifest with spec.version: edit it by hand`);
  }
  const [start, end] = node.range;
  return `${text.slice(0, start)}${version}${text.slice(end)}`;
}
