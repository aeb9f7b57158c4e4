import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { FoundVersion, RegistryClient, UploadableFile } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import type * as wire from '#generated/graphql';

/** What is known of a version beside its files. */
export type PushMetadata = Partial<
  Pick<
    wire.CreateVersionInput,
    'description' | 'metrics' | 'parameters' | 'labels' | 'trainingData' | 'sourceCommit' | 'parents'
  >
>;

/** A version to push. */
export interface PushRequest {
  readonly namespace: string;
  readonly model: string;
  /** A model file, or a folder of one variant's files. */
  readonly path: string;
  readonly target: wire.HardwareTarget;
  readonly precision: wire.Precision;
  readonly metadata: PushMetadata;
  /** Without one it follows from the content, so that the same content is the same version. */
  readonly idempotencyKey: string | undefined;
  readonly createsModel: boolean;
}

/** What a push tells while it goes on. */
export interface PushProgress {
  hashed(path: string): void;
  uploading(path: string, sentBytes: number, sizeBytes: number): void;
  reused(path: string): void;
}

/** A version that is registered, by this push or an earlier one. */
export interface PushedVersion {
  readonly version: FoundVersion;
  readonly isNew: boolean;
}

interface LocalFile {
  readonly path: string;
  readonly localPath: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Registers a version from local files: hashes them, declares the version, sends only the bytes that the registry does not have,
 * and finalises. Repeating it after any interruption goes on where it was.
 */
export async function pushModel(
  registry: RegistryClient,
  request: PushRequest,
  progress: PushProgress,
): Promise<PushedVersion> {
  const { namespace, model, metadata, target, precision } = request;
  const files = await hashFiles(request.path, progress);
  if (request.createsModel && (await registry.model(namespace, model, 1)) === null) {
    await registry.call('createModel', { input: { namespace, name: model } });
  }
  const declared = files.map(({ path, digest, sizeBytes }) => ({ path, digest, sizeBytes }));
  const content = { metadata, variants: [{ target, precision, format: 'ONNX' as const, files: declared }] };
  const idempotencyKey = request.idempotencyKey ?? `content-${digestOfText(JSON.stringify(content)).slice(0, 32)}`;
  const draft = await registry.call('createVersion', {
    input: { namespace, model, idempotencyKey, ...metadata, variants: content.variants },
  });
  if (draft.version !== null) return { version: draft.version, isNew: false };
  await uploadMissing(registry, draft.files, files, progress);
  const version = await registry.call('finalizeVersion', { namespace, model, draftId: draft.id });
  return { version, isNew: true };
}

async function uploadMissing(
  registry: RegistryClient,
  declared: readonly UploadableFile[],
  local: readonly LocalFile[],
  progress: PushProgress,
): Promise<void> {
  for (const file of declared) {
    const source = local.find((candidate) => candidate.path === file.path);
    if (source === undefined)
      throw new DomainError('INTERNAL', `the registry asks for ${file.path}, which was not declared`);
    if (file.isUploaded) {
      progress.reused(file.path);
      continue;
    }
    progress.uploading(file.path, 0, file.sizeBytes);
    await registry.uploadBlob(
      file,
      (offset) => createReadStream(source.localPath, { start: offset, highWaterMark: 1 << 20 }),
      (sentBytes) => progress.uploading(file.path, sentBytes, file.sizeBytes),
    );
  }
}

async function hashFiles(path: string, progress: PushProgress): Promise<LocalFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new DomainError('INPUT_INVALID', `${path} does not exist`);
  const paths = found.isDirectory() ? await filesBelow(path) : [{ path: basename(path), localPath: path }];
  if (!paths.some((file) => file.path.endsWith('.onnx'))) {
    throw new DomainError('INPUT_INVALID', `${path} holds no .onnx file: give a model file, or a folder with one`);
  }
  const files: LocalFile[] = [];
  for (const file of paths) {
    files.push({ ...file, ...(await hashFile(file.localPath)) });
    progress.hashed(file.path);
  }
  // The first file is the one that the runtime opens.
  return files.sort((left, right) => Number(right.path.endsWith('.onnx')) - Number(left.path.endsWith('.onnx')));
}

async function filesBelow(folder: string): Promise<{ path: string; localPath: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((localPath) => ({ path: relative(folder, localPath).split(sep).join('/'), localPath }));
}

async function hashFile(path: string): Promise<{ digest: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).byteLength;
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
