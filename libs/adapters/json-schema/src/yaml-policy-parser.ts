import type { ParsedPolicy, PolicyParser } from '#application/access';
import { toPolicy } from './policy.mapper.ts';
import { POLICY_KIND, validatePolicy } from './policy.ts';
import { type YamlDocument, yamlDocuments } from './yaml-document.ts';

/** Most files are manifests, which are parsed elsewhere: without its letters, or an escape of them, no document is of the kind. */
const MAY_SAY_POLICY = new RegExp(`${POLICY_KIND}|\\\\`);

/** Reads policies written in YAML, several documents to a file. Manifests may stand among them. */
export class YamlPolicyParser implements PolicyParser {
  parse(text: string): readonly ParsedPolicy[] {
    if (!MAY_SAY_POLICY.test(text)) return [];
    return yamlDocuments(text)
      .filter(({ kind }) => kind === POLICY_KIND)
      .map(parseDocument);
  }
}

function parseDocument(document: YamlDocument): ParsedPolicy {
  const read = document.read();
  const result = read.ok ? validatePolicy(read.value) : undefined;
  if (result?.ok) return { kind: 'policy', policy: toPolicy(result.value) };
  const message = read.ok ? document.inWords(result?.problems ?? []) : read.message;
  return { kind: 'invalid', name: document.nameAt(['metadata', 'name']), message };
}
