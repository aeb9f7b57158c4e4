import { expect, it } from 'vitest';
import schema from '../../../../registry-schema/json/model-deployment.schema.json' with { type: 'json' };

interface Node {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

function resolved(node: Node): Node {
  if (node.$ref === undefined) return node;
  const name = node.$ref.split('/').at(-1) ?? '';
  const target = (schema.definitions as Record<string, Node>)[name] ?? {};
  return { ...target, ...(node.description === undefined ? {} : { description: node.description }) };
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(' or ');
  if (node.$ref?.endsWith('memory')) return 'memory: `512Ki`, `64Mi`, `1Gi`';
  if (node.$ref?.endsWith('duration')) return 'duration: `250ms`, `30s`, `5m`, `1h`';
  return node.type ?? 'one of these';
}

/** A gate's fields stand under its metric: most of the kinds have fields of one name. */
function pathOfBranch(path: string, { properties }: Node): string {
  const metric = properties?.['metric']?.const;
  return metric === undefined ? path : `${path.replace(/\[\]$/, '')}[${metric}]`;
}

/** @param around definitions that the node lies within: one that contains itself is told once. */
function rowsOf(node: Node, path: string, around: readonly string[] = []): string[] {
  if (node.$ref !== undefined && around.includes(node.$ref)) return [];
  const within = node.$ref === undefined ? around : [...around, node.$ref];
  const whole = resolved(node);
  const children = [
    ...Object.entries(whole.properties ?? {}).map(
      ([name, child]) => [path === '' ? name : `${path}.${name}`, child] as const,
    ),
    ...(whole.items === undefined ? [] : [[`${path}[]`, whole.items] as const]),
  ];
  const rows = children.flatMap(([childPath, child]) => {
    const target = resolved(child);
    if (child.const !== undefined && childPath.endsWith('metric')) return [];
    const isLeaf = target.properties === undefined && target.items === undefined && target.oneOf === undefined;
    const row = `| \`${childPath}\` | ${typeOf({ ...target, ...child })} | ${target.description ?? ''} |`;
    return isLeaf ? [row] : [...(target.description === undefined ? [] : [row]), ...rowsOf(child, childPath, within)];
  });
  return [...rows, ...(whole.oneOf ?? []).flatMap((branch) => rowsOf(branch, pathOfBranch(path, branch), within))];
}

it('docs/reference/manifest.md is up to date (`npm run test:unit -- -u` rewrites it)', async () => {
  const text = [
    '# Manifests',
    '',
    'One YAML document says what one deployment serves and how a change of it is released. Files end in `.yaml` or `.yml`, may hold',
    'several documents, and may lie in any folder. [gitops/](../../gitops) has examples,',
    '[the JSON Schema](../../registry-schema/json/model-deployment.schema.json) is the contract, and editors can use it.',
    '',
    'A change of `spec.version` (or `model`, or `variants`) starts a rollout; any other change takes effect at once, another `require` when the',
    'version is signed so ([guide](../guides/signing.md)). A manifest that is wrong changes nothing: the deployment goes on as it is, and its events say what is wrong, where. Removing a manifest removes the',
    'deployment. Only the tracked branch counts. What a manifest leaves to the registry, an `alias` or a `versionPolicy`, is looked up when',
    'the commit is taken, and again at the next commit that touches the file.',
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...rowsOf(schema as Node, ''),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../../docs/reference/manifest.md');
});
