import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

/** A file to be put into an archive. */
export interface ArchiveFile {
  /** Path in the archive, `/`-separated. */
  readonly name: string;
  readonly sizeBytes: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** The epoch, root and plain rights: the same files make the same archive, byte for byte. */
const ENTRY = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const;

/**
 * A tar archive of files, with the folders that they lie in, as a stream.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (the ustar format, with pax headers for long names)
 */
export async function* tarOf(files: readonly ArchiveFile[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const filled = fill(archive, files).catch((error: Error) => archive.destroy(error));
  yield* archive as AsyncIterable<Uint8Array>;
  await filled;
}

async function fill(archive: ReturnType<typeof pack>, files: readonly ArchiveFile[]): Promise<void> {
  for (const name of foldersOf(files)) archive.entry({ ...ENTRY, name, type: 'directory', mode: 0o755 });
  for (const { name, sizeBytes, open } of files) {
    const bytes = await open();
    await pipeline(bytes, archive.entry({ ...ENTRY, name, size: sizeBytes }));
  }
  archive.finalize();
}

/** Every folder on the way to a file, the outer before the inner. */
function foldersOf(files: readonly ArchiveFile[]): string[] {
  const folders = files.flatMap(({ name }) => {
    const parts = name.split('/').slice(0, -1);
    return parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/`);
  });
  return [...new Set(folders)].sort();
}
