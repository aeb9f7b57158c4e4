import {
  type AliasName,
  type Digest,
  digestHex,
  type ModelName,
  type Namespace,
  type SemanticVersion,
  semanticVersionClaim,
} from '#domain/registry';

const SEQUENCE_DIGITS = 12;
const OFFSET_DIGITS = 16;

/** Where everything is kept in the bucket. The layout is a contract: docs/reference/bucket-layout.md. */
export const objectKeys = {
  identity: 'slipway.json',
  blobs: 'blobs/sha256/',
  blob: (digest: Digest) => `blobs/sha256/${digestHex(digest)}`,
  namespaces: 'namespaces/',
  namespace: (namespace: Namespace) => `namespaces/${namespace}.json`,
  registry: 'registry/',
  model: (namespace: Namespace, model: ModelName) => `registry/${namespace}/${model}/model.json`,
  draft: (namespace: Namespace, model: ModelName, draftId: string) =>
    `registry/${namespace}/${model}/drafts/${draftId}.json`,
  version: (namespace: Namespace, model: ModelName, version: number) =>
    `registry/${namespace}/${model}/versions/${version}.json`,
  status: (namespace: Namespace, model: ModelName, version: number) =>
    `registry/${namespace}/${model}/status/${version}.json`,
  alias: (namespace: Namespace, model: ModelName, alias: AliasName) =>
    `registry/${namespace}/${model}/aliases/${alias}.json`,
  semanticVersion: (namespace: Namespace, model: ModelName, version: SemanticVersion) =>
    `registry/${namespace}/${model}/semver/${semanticVersionClaim(version)}.json`,
  uploads: 'uploads/',
  upload: (draftId: string, digest: Digest) => `uploads/${draftId}/${digestHex(digest)}/`,
  segment: (draftId: string, digest: Digest, offset: number) =>
    `uploads/${draftId}/${digestHex(digest)}/${String(offset).padStart(OFFSET_DIGITS, '0')}`,
  garbage: 'garbage/',
  condemned: (digest: Digest) => `garbage/${digestHex(digest)}.json`,
  log: 'log/',
  batch: (sequence: number) => `log/${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.json`,
  payloadLogs: 'payloads/',
  payloads: (namespace: string, deployment: string) => `payloads/${namespace}/${deployment}/`,
};

/** What a key of the registry's records holds, and of which model. */
export type RecordPlace =
  | { readonly kind: 'namespace'; readonly namespace: string }
  | {
      readonly kind: 'model' | 'draft' | 'version' | 'status' | 'alias' | 'claim';
      readonly namespace: string;
      readonly model: string;
      /** Draft id, version number, alias or semantic version; empty for the model itself. */
      readonly name: string;
    };

const FOLDERS = {
  drafts: 'draft',
  versions: 'version',
  status: 'status',
  aliases: 'alias',
  semver: 'claim',
} as const;

/** The place that a key stands for; `undefined` for keys that hold no record of the registry. */
export function recordPlaceOf(key: string): RecordPlace | undefined {
  if (!key.endsWith('.json')) return undefined;
  const [root, namespace = '', model = '', folder = '', name, ...rest] = key.slice(0, -'.json'.length).split('/');
  if (rest.length > 0) return undefined;
  if (root === 'namespaces' && namespace !== '' && model === '') return { kind: 'namespace', namespace };
  if (root !== 'registry') return undefined;
  if (folder === 'model' && name === undefined) return { kind: 'model', namespace, model, name: '' };
  if (name === undefined || !Object.hasOwn(FOLDERS, folder)) return undefined;
  return { kind: FOLDERS[folder as keyof typeof FOLDERS], namespace, model, name };
}
