import { createHash } from 'node:crypto';
import type { ManifestParser, ParsedManifest } from '#application/rollout';
import { toDeploymentSpec } from './deployment-spec.mapper.ts';
import { validateModelDeployment } from './model-deployment.ts';
import { POLICY_KIND } from './policy.ts';
import { type YamlDocument, yamlDocuments } from './yaml-document.ts';

/** Reads manifests written in YAML, several documents to a file. Policies may stand among them. */
export class YamlManifestParser implements ManifestParser {
  parse(text: string): readonly ParsedManifest[] {
    return yamlDocuments(text).map(parseDocument);
  }
}

function parseDocument(document: YamlDocument): ParsedManifest {
  if (document.kind === POLICY_KIND) return { kind: 'policy' };
  const read = document.read();
  if (!read.ok) return invalid(document, read.message);
  const result = validateModelDeployment(read.value);
  if (!result.ok) return invalid(document, document.inWords(result.problems));
  const { metadata, spec } = result.value;
  const labels = metadata.labels === undefined ? {} : { labels: metadata.labels };
  return { kind: 'deployment', spec: toDeploymentSpec(result.value), specHash: hashOf(spec), ...labels };
}

function invalid(document: YamlDocument, message: string): ParsedManifest {
  const nameAt = (field: string) => document.nameAt(['metadata', field]);
  return { kind: 'invalid', namespace: nameAt('namespace'), name: nameAt('name'), message };
}

/** Identity of a specification: the same for any order of keys, layout or comments. */
function hashOf(spec: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
