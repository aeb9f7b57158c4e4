/**
 * Regenerates libs/generated from the contracts in this folder.
 *
 *     npm run generate            write
 *     npm run generate:check      fail when what is committed differs
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescriptPlugin from '@graphql-codegen/typescript';
import * as operationsPlugin from '@graphql-codegen/typescript-operations';
import * as resolversPlugin from '@graphql-codegen/typescript-resolvers';
import { buildSchema, Kind, parse, print, printSchema } from 'graphql';
import { compile, compileFromFile } from 'json-schema-to-typescript';
import { parse as parseYaml } from 'yaml';
import { expandPaths, type OpenApiSource } from './expand-openapi.ts';

const root = join(import.meta.dirname, '..');
const schemas = join(root, 'registry-schema');
const committed = join(root, 'libs/generated');
const banner =
  '// Generated from registry-schema by `npm run generate`. Do not edit.\n/* biome-ignore-all lint: generated */\n';

async function generate(into: string): Promise<void> {
  generateProto(into);
  generateDescriptors(into);
  await generateGraphql(into);
  await generateJson(into);
  await generateOpenApi(into);
}

function generateProto(into: string): void {
  const template = {
    version: 'v2',
    plugins: [
      {
        local: join(root, 'node_modules/.bin/protoc-gen-ts_proto'),
        out: into,
        opt: [
          'esModuleInterop=true',
          'importSuffix=.ts',
          'outputServices=grpc-js',
          // 64-bit fields as bigint: shapes and totals must not lose digits.
          'forceLong=bigint',
          // Bytes stay views over the received message; Buffer would copy them.
          'env=browser',
          'oneof=unions-value',
          'useExactTypes=false',
          'outputJsonMethods=false',
          'outputPartialMethods=true',
          'stringEnums=true',
          'enumsAsLiterals=true',
        ],
      },
    ],
  };
  execFileSync(join(root, 'node_modules/.bin/buf'), ['generate', '--template', JSON.stringify(template)], {
    cwd: join(schemas, 'proto'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** The descriptors of the gateway's gRPC services, for server reflection: base64, in lines. */
function generateDescriptors(into: string): void {
  const paths = ['inference', 'grpc'].flatMap((path) => ['--path', path]);
  const set = execFileSync(
    join(root, 'node_modules/.bin/buf'),
    ['build', '--as-file-descriptor-set', '--exclude-source-info', ...paths, '--output', '-'],
    { cwd: join(schemas, 'proto'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = set.toString('base64').match(/.{1,120}/g) ?? [];
  const doc =
    '/** A google.protobuf.FileDescriptorSet in base64: the services of a gateway, and all that they refer to. */';
  write(into, 'gateway-descriptors.ts', `${doc}\nexport const gatewayDescriptors = \`\n${lines.join('\n')}\n\`;\n`);
}

async function generateGraphql(into: string): Promise<void> {
  const registry = await generateSchema(into, 'registry', 'graphql.ts');
  await generateClient(into, registry);
  await generateSchema(into, 'controller', 'controller-graphql.ts');
}

/** The types of a server's schema, and its text. @returns the text. */
async function generateSchema(into: string, server: string, filename: string): Promise<string> {
  const sdl = readFileSync(join(schemas, `graphql/${server}.graphql`), 'utf8');
  const output = await codegen({
    filename,
    documents: [],
    schema: parse(printSchema(buildSchema(sdl))),
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      skipTypename: true,
      strictScalars: true,
      avoidOptionals: { field: true, defaultValue: true },
      scalars: { SafeInt: 'number', DateTime: 'string', JSON: 'unknown', ModelFormat: 'string' },
    },
    plugins: [{ typescript: {} }, { resolvers: { noSchemaStitching: true } }],
    pluginMap: { typescript: typescriptPlugin, resolvers: resolversPlugin },
  });
  write(into, filename, output);
  // The server needs the text at run time, wherever it was built to.
  write(into, `${server}-sdl.ts`, `export const ${server}Sdl = ${JSON.stringify(sdl)};\n`);
  return sdl;
}

/** The operations of our own client: their texts, and the types of their variables and answers. */
async function generateClient(into: string, sdl: string): Promise<void> {
  const source = readFileSync(join(schemas, 'graphql/operations/registry-client.graphql'), 'utf8');
  const document = parse(source);
  const types = await codegen({
    filename: 'registry-operations.ts',
    documents: [{ location: 'registry-client.graphql', document }],
    schema: parse(printSchema(buildSchema(sdl))),
    config: {
      useTypeImports: true,
      enumType: 'string-literal',
      skipTypename: true,
      avoidOptionals: { field: true, defaultValue: false },
      scalars: { SafeInt: 'number', DateTime: 'string', JSON: 'unknown', ModelFormat: 'string' },
    },
    plugins: [{ operations: {} }],
    pluginMap: { operations: operationsPlugin },
  });
  const fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, print(node)]),
  );
  const operations = document.definitions
    .filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    .map((node) => ({ name: node.name?.value ?? '', kind: node.operation, text: print(node) }));
  const entries = operations.map(({ name, text }) => {
    const used = [...fragments].filter(([fragment]) => text.includes(`...${fragment}`)).map(([, part]) => part);
    return `  ${name}: ${JSON.stringify([text, ...used].join('\n'))},`;
  });
  const typeOf = (name: string, kind: string) =>
    `${name[0]?.toUpperCase()}${name.slice(1)}${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  const signatures = operations.map(
    ({ name, kind }) => `  ${name}: { variables: ${typeOf(name, kind)}Variables; data: ${typeOf(name, kind)} };`,
  );
  const client = [
    '/** The text of each operation. */',
    `export const registryOperations = {\n${entries.join('\n')}\n} as const;\n`,
    '/** What each operation takes and answers. */',
    `export type RegistryOperations = {\n${signatures.join('\n')}\n};\n`,
  ];
  write(into, 'registry-operations.ts', `${types}\n${client.join('\n')}`);
}

async function generateJson(into: string): Promise<void> {
  for (const file of readdirSync(join(schemas, 'json')).sort()) {
    const output = await compileFromFile(join(schemas, 'json', file), {
      bannerComment: '',
      additionalProperties: false,
      // An array of at most fifty is an array, not one of fifty tuples.
      maxItems: -1,
    });
    write(into, `${file.replace('.schema.json', '')}.ts`, output);
  }
}

/** The gateway's OpenAPI document as it is served, and the types of its schemas. */
async function generateOpenApi(into: string): Promise<void> {
  const source = parseYaml(readFileSync(join(schemas, 'openapi/gateway.openapi.yaml'), 'utf8')) as OpenApiSource;
  const document = { ...source, paths: expandPaths(source.paths) };
  const text = JSON.stringify(document, undefined, 2);
  const doc = '/** The OpenAPI document of the gateway, as it serves it. */';
  write(into, 'gateway-openapi.ts', `${doc}\nexport const gatewayOpenApi = ${text};\n`);
  // The compiler names types by their place in `definitions`, and leaves out those that nothing refers to.
  const definitions = JSON.parse(
    JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/definitions/'),
  );
  const properties = Object.keys(definitions).map((name) => [name, { $ref: `#/definitions/${name}` }]);
  const root = { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties), definitions };
  const types = await compile(root as Parameters<typeof compile>[0], 'GatewaySchemas', { bannerComment: '' });
  write(into, 'gateway-schemas.ts', types);
}

function write(into: string, path: string, text: string): void {
  mkdirSync(dirname(join(into, path)), { recursive: true });
  writeFileSync(join(into, path), `${banner}${text}`);
}

function filesBelow(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(directory, path), readFileSync(path, 'utf8')]),
  );
}

async function check(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-generate-'));
  try {
    await generate(scratch);
    const want = filesBelow(scratch);
    const have = filesBelow(committed);
    const stale = [...new Set([...want.keys(), ...have.keys()])].filter((path) => want.get(path) !== have.get(path));
    if (stale.length === 0) return;
    console.error(
      `libs/generated is not what registry-schema says; run \`npm run generate\`:\n  ${stale.join('\n  ')}`,
    );
    process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  await check();
} else {
  rmSync(committed, { recursive: true, force: true });
  mkdirSync(committed, { recursive: true });
  await generate(committed);
}
