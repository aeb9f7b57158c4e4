/** The GraphQL documents that the client sends. */
const VERSION_FIELDS = `
  namespace model version createdAt description sourceCommit parents aliases uri
  metrics { name value } parameters { name value } labels { name value }
  trainingData { name uri digest }
  inputs { name datatype shape } outputs { name datatype shape }
  variants { target precision format producer opsets { domain version } files { path digest sizeBytes downloadPath } }`;

const MODEL_FIELDS = 'namespace name description createdAt labels { name value } aliases { alias version updatedAt }';

export const documents = {
  model: `query ($namespace: String!, $name: String!, $first: Int!) { model(namespace: $namespace, name: $name) {
    ${MODEL_FIELDS} latestVersion { ${VERSION_FIELDS} }
    versions(first: $first) { totalCount pageInfo { hasNextPage endCursor } nodes { ${VERSION_FIELDS} } } } }`,
  models: `query ($namespace: String!, $first: Int!, $after: String) {
    models(namespace: $namespace, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { ${MODEL_FIELDS} latestVersion { ${VERSION_FIELDS} } versions(first: 1) { totalCount } } } }`,
  version: `query ($namespace: String!, $model: String!, $version: Int, $alias: String) {
    version(namespace: $namespace, model: $model, version: $version, alias: $alias) { ${VERSION_FIELDS} } }`,
  createModel: `mutation ($input: CreateModelInput!) { createModel(input: $input) { namespace name } }`,
  createVersion: `mutation ($input: CreateVersionInput!) { createVersion(input: $input) {
    id files { path digest sizeBytes isUploaded uploadPath } version { version } } }`,
  finalizeVersion: `mutation ($namespace: String!, $model: String!, $draftId: ID!) {
    finalizeVersion(namespace: $namespace, model: $model, draftId: $draftId) { ${VERSION_FIELDS} } }`,
  setAlias: `mutation ($input: SetAliasInput!) { setAlias(input: $input) { alias version updatedAt } }`,
  deleteAlias: `mutation ($namespace: String!, $model: String!, $alias: String!) {
    deleteAlias(namespace: $namespace, model: $model, alias: $alias) }`,
};
