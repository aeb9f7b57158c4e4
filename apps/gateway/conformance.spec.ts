import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { DATATYPE_SIZE_BYTES } from '#domain/inference';
import { gatewayDescriptors } from '#generated/gateway-descriptors';
import { gatewayOpenApi } from '#generated/gateway-openapi';
import { SERVER_EXTENSIONS } from './server-identity.ts';

const docs = join(import.meta.dirname, '../../docs');
const text = readFileSync(join(docs, 'conformance.md'), 'utf8');

interface Row {
  readonly what: string;
  readonly shownBy: string;
  readonly file: string;
}

/** The rows of the table below a heading: a thing, the test's words, and where they are. */
function rowsOf(heading: string): Row[] {
  const [, section = ''] = text.split(`## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)` \| (.+?) \| \[[^\]]+\]\(([^)]+)\) \|$/gm)].map(
    ([, what = '', shownBy = '', file = '']) => ({ what, shownBy, file }),
  );
}
const thingsIn = (heading: string) =>
  rowsOf(heading)
    .map(({ what }) => what)
    .sort();

/** The document's paths, which are those of the server: rest-routes.spec.ts compares them. */
function routes(): string[] {
  const items: Readonly<Record<string, object>> = gatewayOpenApi.paths;
  const own = Object.entries(items).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  // A path that may name the version has one row for both of its forms.
  const hasVersion = (route: string) => own.includes(route.replace('{model}', '{model}/versions/{version}'));
  return own
    .filter((route) => !route.includes('/versions/'))
    .map((route) => (hasVersion(route) ? route.replace('{model}', '{model}[/versions/{version}]') : route))
    .sort();
}

/** The methods of the services that reflection knows, which are all that the server has: grpc-services.spec.ts compares them. */
function methods(): string[] {
  const { file } = fromBinary(FileDescriptorSetSchema, Buffer.from(gatewayDescriptors, 'base64'));
  return file
    .flatMap((each) =>
      each.service.flatMap(({ name, method }) => method.map((rpc) => `${each.package}.${name}/${rpc.name}`)),
    )
    .sort();
}

describe('docs/conformance.md', () => {
  it('has every path of the server, and no other', () => expect(thingsIn('REST')).toEqual(routes()));
  it('has every method of every gRPC service, and no other', () => expect(thingsIn('gRPC')).toEqual(methods()));
  it('has every datatype, and no other', () =>
    expect(thingsIn('Datatypes')).toEqual(Object.keys(DATATYPE_SIZE_BYTES).sort()));
  it('has every extension, and no other', () => expect(thingsIn('Extensions')).toEqual([...SERVER_EXTENSIONS].sort()));

  it.each(['REST', 'gRPC', 'Datatypes', 'Extensions'])('names tests of %s that there are', (heading) => {
    const missing = rowsOf(heading).filter(
      ({ shownBy, file }) => !readFileSync(join(docs, file), 'utf8').includes(shownBy),
    );
    expect(missing).toEqual([]);
  });
});
