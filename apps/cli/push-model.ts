import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { LocalFile, LocalVersion } from '#adapters/model-layout';
import type { FoundVersion, RegistryClient, UploadableFile } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import type * as wire from '#generated/graphql';
import type { TransferProgress } from './transfer-progress.ts';

/** What is known of a version beside its files. */
export type PushMetadata = Partial<
  Pick<
    wire.CreateVersionInput,
    | 'description'
    | 'semanticVersion'
    | 'metrics'
    | 'parameters'
    | 'labels'
    | 'trainingData'
    | 'sourceCommit'
    | 'parents'
    | 'signature'
  >
>;

/** A version to push. */
export interface PushRequest {
  readonly namespace: string;
  readonly model: string;
  readonly version: LocalVersion;
  readonly target: wire.HardwareTarget;
  readonly precision: wire.Precision;
  readonly metadata: PushMetadata;
  /** Without one it follows from the content, so that the same content is the same version. */
  readonly idempotencyKey: string | undefined;
  readonly createsModel: boolean;
}

/** A version that is registered, by this push or an earlier one. */
export interface PushedVersion {
  readonly version: FoundVersion;
  readonly isNew: boolean;
}

interface HashedFile extends LocalFile {
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
  progress: TransferProgress,
): Promise<PushedVersion> {
  const { namespace, model, metadata, target, precision } = request;
  const files = await hashFiles(request.version, progress);
  if (request.createsModel && (await registry.model(namespace, model, 1)) === null) {
    await registry.call('createModel', { input: { namespace, name: model } });
  }
  const declared = files.map(({ path, digest, sizeBytes }) => ({ path, digest, sizeBytes }));
  const format = request.version.format.toUpperCase();
  const content = { metadata, variants: [{ target, precision, format, files: declared }] };
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
  local: readonly HashedFile[],
  progress: TransferProgress,
): Promise<void> {
  for (const file of declared) {
    const source = local.find((candidate) => candidate.path === file.path);
    if (source === undefined)
      throw new DomainError('INTERNAL', `the registry asks for ${file.path}, which was not declared`);
    if (file.isUploaded) {
      progress.skipped(file.path, 'the registry has it already');
      continue;
    }
    progress.moving(file.path, 0, file.sizeBytes);
    await registry.uploadBlob(
      file,
      (offset) => createReadStream(source.localPath, { start: offset, highWaterMark: 1 << 20 }),
      (sentBytes) => progress.moving(file.path, sentBytes, file.sizeBytes),
    );
  }
}

async function hashFiles({ files }: LocalVersion, progress: TransferProgress): Promise<HashedFile[]> {
  const hashed: HashedFile[] = [];
  for (const file of files) {
    hashed.push({ ...file, ...(await hashFile(file, progress)) });
  }
  return hashed;
}

async function hashFile(
  { path, localPath }: LocalFile,
  progress: TransferProgress,
): Promise<{ digest: string; sizeBytes: number }> {
  const { size } = await stat(localPath);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(localPath, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).byteLength;
    progress.reading(path, sizeBytes, size);
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
