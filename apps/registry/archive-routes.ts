import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ArchiveFile, ArchiveLayout, LaidOutVariant } from '#adapters/model-export';
import { replyWithError } from '#adapters/wire-errors';
import type { Registry } from '#application/registry';
import { DomainError } from '#domain/errors';
import { type Digest, type ModelVersion, parseModelName, parseNamespace, type Variant } from '#domain/registry';
import { immutableHeaders, type RouteSurroundings } from './byte-answers.ts';
import { requireVersion } from './required-records.ts';

/** How a variant's files are packed. */
export interface ArchiveFormat {
  readonly layouts: readonly ArchiveLayout[];
  archiveNames(layout: ArchiveLayout, variant: LaidOutVariant): string[];
  tarOf(files: readonly ArchiveFile[]): AsyncIterable<Uint8Array>;
}

interface VariantParams {
  readonly namespace: string;
  readonly model: string;
  readonly version: string;
  readonly variant: string;
}

/**
 * A variant's files by name, for those who know no digests: KServe's storage initializer, Triton, a browser. Versions never change, so
 * neither do the answers.
 */
export function registerArchiveRoutes(
  fastify: FastifyInstance,
  registry: Registry,
  { layouts, archiveNames, tarOf }: ArchiveFormat,
  { logger, scope }: RouteSurroundings,
): void {
  const { lookup, blobs } = registry;
  const base = '/v1/namespaces/:namespace/models/:model/versions/:version/variants/:variant';
  const open = async (digest: Digest): Promise<AsyncIterable<Uint8Array>> => {
    const stream = await blobs.verifiedStream(digest);
    if (stream === undefined) throw new DomainError('ARTIFACT_NOT_FOUND', `no blob has ${digest}`);
    return stream;
  };
  const find = async ({ caller, params }: FastifyRequest<{ Params: VariantParams }>) => {
    const namespace = parseNamespace(params.namespace);
    const model = parseModelName(params.model, 'model');
    const number = /^[1-9]\d{0,8}$/.test(params.version) ? Number(params.version) : 0;
    await requireVersion(registry, caller, { namespace, model, version: number }, 'version.download');
    const { version } = await lookup.requireLive(namespace, model, number);
    return { version, variant: variantOf(version, params.variant) };
  };

  void fastify.register(async (routes) => {
    routes.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

    for (const layout of layouts) {
      routes.get<{ Params: VariantParams }>(`${base}/${layout}.tar`, async (request, reply) => {
        const { version, variant } = await find(request);
        const { model, version: number } = version;
        const paths = variant.files.map(({ path }) => path);
        const names = archiveNames(layout, { model, version: number, format: variant.format, paths });
        const files = variant.files.map(({ digest, sizeBytes }, at) => {
          return { name: names[at] ?? '', sizeBytes, open: () => open(digest) };
        });
        return reply
          .headers({
            'content-type': 'application/x-tar',
            ...immutableHeaders(`${version.contentDigest}-${request.params.variant}-${layout}`, scope),
          })
          .send(Readable.from(tarOf(files), { objectMode: false }));
      });
    }

    routes.get<{ Params: VariantParams & { '*': string } }>(`${base}/files/*`, async (request, reply) => {
      const { version, variant } = await find(request);
      const path = request.params['*'];
      const file = variant.files.find((candidate) => candidate.path === path);
      if (file === undefined) {
        throw new DomainError('ARTIFACT_NOT_FOUND', `${version.model}@${version.version} has no file ${path}`);
      }
      return reply
        .headers({
          'content-type': 'application/octet-stream',
          'content-length': file.sizeBytes,
          ...immutableHeaders(file.digest, scope),
        })
        .send(Readable.from(await open(file.digest), { objectMode: false }));
    });
  });
}

/** The variant that a path names, such as `cpu-fp32`. @throws ARTIFACT_NOT_FOUND naming those that there are. */
function variantOf({ model, version, variants }: ModelVersion, name: string): Variant {
  const nameOf = ({ target, precision }: Variant) => `${target}-${precision}`;
  const found = variants.find((variant) => nameOf(variant) === name);
  if (found !== undefined) return found;
  const known = variants.map(nameOf).join(', ');
  throw new DomainError('ARTIFACT_NOT_FOUND', `${model}@${version} has no variant ${name}: it has ${known}`);
}
