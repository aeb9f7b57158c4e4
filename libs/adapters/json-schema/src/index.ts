export { compileSchema, type SchemaProblem, type Validation } from './compile-schema.ts';
export { JsonRecordCodec } from './json-record-codec.ts';
export { validateModelDeployment } from './model-deployment.ts';
export { YamlManifestParser } from './yaml-manifest-parser.ts';
export { YamlPluginParser } from './yaml-plugin-parser.ts';
export { YamlPolicyParser } from './yaml-policy-parser.ts';
