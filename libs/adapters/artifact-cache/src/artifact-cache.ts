import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { ArtifactSource, ServedFile } from '#application/serving';
import { DomainError } from '#domain/errors';
import { digestHex } from '#domain/registry';

/**
 * Artifacts on the local disk, filled from the object store.
 *
 * A file in the cache is a finished one: it is written beside, verified, synced and then renamed. A file that an earlier process
 * left is verified again before this one uses it, because disks rot and people edit.
 */
export class ArtifactCache implements ArtifactSource {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #verified = new Map<string, Promise<string>>();

  /** @param directory for the files; created when absent. */
  constructor(store: ObjectStore, directory: string) {
    this.#store = store;
    this.#directory = directory;
  }

  async materialise(files: readonly ServedFile[]): Promise<string> {
    const paths = await Promise.all(files.map((file) => this.#fetch(file)));
    const [first] = files;
    const [firstPath] = paths;
    if (first === undefined || firstPath === undefined)
      throw new DomainError('ARTIFACT_NOT_FOUND', 'the variant has no files');
    if (files.length === 1) return firstPath;
    return join(await this.#layOut(files, paths), first.path);
  }

  /** The path of one verified file; concurrent calls share one download. */
  #fetch(file: ServedFile): Promise<string> {
    const known = this.#verified.get(file.digest);
    if (known !== undefined) return known;
    const fetched = this.#verifyOrDownload(file).catch((error: unknown) => {
      this.#verified.delete(file.digest);
      throw error;
    });
    this.#verified.set(file.digest, fetched);
    return fetched;
  }

  async #verifyOrDownload(file: ServedFile): Promise<string> {
    const path = join(this.#directory, 'sha256', digestHex(file.digest));
    if (await hasDigest(path, file)) return path;
    await this.#download(file, path);
    return path;
  }

  async #download(file: ServedFile, path: string): Promise<void> {
    const stream = await this.#store.getStream(objectKeys.blob(file.digest));
    if (stream === undefined) {
      throw new DomainError('ARTIFACT_NOT_FOUND', `the object store has no bytes for ${file.path} (${file.digest})`);
    }
    await mkdir(dirname(path), { recursive: true });
    const temporary = join(dirname(path), `.${randomUUID()}`);
    try {
      await writeVerified(temporary, stream, file);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Several files lie in a folder by their own paths, as links to the cache. */
  async #layOut(files: readonly ServedFile[], paths: readonly string[]): Promise<string> {
    const identity = createHash('sha256')
      .update(files.map((file) => `${file.path} ${file.digest}`).join('\n'))
      .digest('hex');
    const folder = join(this.#directory, 'variants', identity);
    for (const [index, file] of files.entries()) {
      const target = join(folder, file.path);
      await mkdir(dirname(target), { recursive: true });
      await rm(target, { force: true });
      await link(paths[index] ?? '', target);
    }
    return folder;
  }
}

async function writeVerified(path: string, stream: AsyncIterable<Uint8Array>, file: ServedFile): Promise<void> {
  const hash = createHash('sha256');
  const target = await open(path, 'wx');
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      await target.writeFile(chunk);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  if (`sha256:${hash.digest('hex')}` === file.digest) return;
  throw new DomainError(
    'ARTIFACT_CORRUPT',
    `the object store's bytes for ${file.path} do not have digest ${file.digest}`,
  );
}

async function hasDigest(path: string, file: ServedFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size !== file.sizeBytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}` === file.digest;
}
