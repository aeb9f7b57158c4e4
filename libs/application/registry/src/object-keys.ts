import { type Digest, digestHex, type ModelName, type Namespace } from '#domain/registry';

/** Where everything is kept in the bucket. The layout is a contract: docs/reference/bucket-layout.md. */
export const objectKeys = {
  blob: (digest: Digest) => `blobs/sha256/${digestHex(digest)}`,
  namespace: (namespace: Namespace) => `registry/${namespace}/`,
  model: (namespace: Namespace, model: ModelName) => `${modelFolder(namespace, model)}/model.json`,
  draft: (namespace: Namespace, model: ModelName, draftId: string) =>
    `${modelFolder(namespace, model)}/drafts/${draftId}.json`,
  versions: (namespace: Namespace, model: ModelName) => `${modelFolder(namespace, model)}/versions/`,
  version: (namespace: Namespace, model: ModelName, version: number) =>
    `${modelFolder(namespace, model)}/versions/${version}.json`,
  aliases: (namespace: Namespace, model: ModelName) => `${modelFolder(namespace, model)}/aliases/`,
  alias: (namespace: Namespace, model: ModelName, alias: string) =>
    `${modelFolder(namespace, model)}/aliases/${alias}.json`,
};

function modelFolder(namespace: Namespace, model: ModelName): string {
  return `registry/${namespace}/${model}`;
}
