import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '#domain/errors';
import { type ArchiveFile, tarOf } from './archive.ts';

/** What an image says of itself. */
export interface ImageDescription {
  readonly model: string;
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly description?: string;
  readonly sourceCommit?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;
/** Where KServe and Kubernetes' image volumes look for a model in an image. */
const MODEL_FOLDER = 'models';

/**
 * Writes files as an image in a folder with the OCI image layout. Each file is a layer of its own, uncompressed, so that versions share
 * what they have in common; the same version makes the same image, byte for byte.
 *
 * @param folder must be absent or empty.
 * @returns the digest of the image's manifest.
 * @throws INPUT_INVALID when the folder holds something.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function writeOciLayout(
  folder: string,
  description: ImageDescription,
  files: readonly ArchiveFile[],
): Promise<string> {
  await assertEmpty(folder);
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const layers: Descriptor[] = [];
  for (const file of files) layers.push(await writeLayer(folder, file));
  const config = await writeJson(folder, MEDIA_TYPES.config, configOf(description, layers));
  const annotations = annotationsOf(description);
  const manifest = await writeJson(folder, MEDIA_TYPES.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config,
    layers,
    annotations,
  });
  const reference = { 'org.opencontainers.image.ref.name': String(description.version) };
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [{ ...manifest, platform: PLATFORM, annotations: reference }],
  };
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  // Written last: without it the folder is no layout, whatever lies in it.
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return manifest.digest;
}

/** Bytes of models run anywhere, but tools choose images by platform. */
const PLATFORM = { architecture: 'amd64', os: 'linux' } as const;

async function assertEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) => (code === 'ENOENT' ? [] : [code]));
  if (entries.length === 0) return;
  throw new DomainError('INPUT_INVALID', `${folder} is no empty folder: name one that is, or a new one`);
}

async function writeLayer(folder: string, file: ArchiveFile): Promise<Descriptor> {
  const hash = createHash('sha256');
  let size = 0;
  const temporary = join(folder, 'blobs', 'sha256', `.${randomUUID()}`);
  try {
    await pipeline(
      tarOf([{ ...file, name: `${MODEL_FOLDER}/${file.name}` }]),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.byteLength;
          yield chunk;
        }
      },
      createWriteStream(temporary, { highWaterMark: 1 << 20 }),
    );
    const hex = hash.digest('hex');
    await rename(temporary, join(folder, 'blobs', 'sha256', hex));
    return { mediaType: MEDIA_TYPES.layer, digest: `sha256:${hex}`, size };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeJson(folder: string, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(folder, 'blobs', 'sha256', hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.byteLength };
}

function configOf(description: ImageDescription, layers: readonly Descriptor[]): object {
  return {
    ...PLATFORM,
    created: description.createdAt,
    config: { Labels: annotationsOf(description) },
    // Layers are not compressed, so a layer's digest is that of its content.
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created: description.createdAt, created_by: 'slipway model export oci' })),
  };
}

function annotationsOf({ model, version, createdAt, description, sourceCommit }: ImageDescription): object {
  return {
    'org.opencontainers.image.title': model,
    'org.opencontainers.image.version': String(version),
    'org.opencontainers.image.created': createdAt,
    ...(description === undefined ? {} : { 'org.opencontainers.image.description': description }),
    ...(sourceCommit === undefined ? {} : { 'org.opencontainers.image.revision': sourceCommit }),
  };
}
