import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, isDomainError } from '#domain/errors';
import type { CreateVersionMutation } from '#generated/registry-operations';
import { ask } from './ask.ts';
import type { RegistryServer } from './registry-server.ts';
import { sendBytes } from './send-bytes.ts';
import { restError, unavailable } from './server-errors.ts';

/** Larger files are sent so that they can go on where they were cut off. */
const RESUMABLE_BYTES = 64 * 1024 * 1024;
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 200;
/** At its end a large upload is put together from its pieces, at least this fast. */
const ASSEMBLED_BYTES_PER_MS = 10 * 1024;
const ANSWER_MS = 60_000;

/** A file of a draft, and where its bytes are wanted. */
export type UploadableFile = CreateVersionMutation['createVersion']['files'][number];

/** Opens the bytes of a file from an offset on. */
export type OpenBytes = (offset: number) => AsyncIterable<Uint8Array>;

/** Told how many bytes of the file have been sent. */
export type OnProgress = (sentBytes: number) => void;

/**
 * Sends the bytes of a file to where its draft says: to the bucket itself where that is offered, else through the registry. What is
 * cut off is tried again, large files from where they were.
 *
 * @throws REGISTRY_UNAVAILABLE after several attempts without progress; the server's own refusals at once.
 */
export async function uploadBlob(
  { baseUrl, headers, agent }: RegistryServer,
  file: UploadableFile,
  open: OpenBytes,
  onProgress: OnProgress,
): Promise<void> {
  if (file.directUpload !== null && (await sentDirectly(file, file.directUpload, open, onProgress))) return;
  const place = { url: `${baseUrl}${file.uploadPath}`, headers, agent };
  const upload = file.sizeBytes > RESUMABLE_BYTES ? resume : putWhole;
  let sentBefore = -1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upload(place, file, open, onProgress);
    } catch (error) {
      const sent = await progressOf(place).then(
        ({ offset }) => offset,
        () => 0,
      );
      if (sent > sentBefore) attempt = 1;
      sentBefore = sent;
      if (!isWorthRepeating(error) || attempt >= MAX_ATTEMPTS) throw asUnavailable(baseUrl, error);
      await sleep(FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

/** Where the registry takes the bytes of a file. */
interface UploadPlace extends Omit<RegistryServer, 'baseUrl'> {
  readonly url: string;
}

/** Whether the bucket took the bytes; if not, the registry is tried, which can say what is wrong. */
async function sentDirectly(
  file: UploadableFile,
  { url, method, headers }: NonNullable<UploadableFile['directUpload']>,
  open: OpenBytes,
  onProgress: OnProgress,
): Promise<boolean> {
  const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  try {
    const request = { method, headers: named, length: file.sizeBytes };
    return (await sendBytes(url, request, counted(open(0), 0, onProgress))).status < 300;
  } catch (error) {
    if (isDomainError(error)) throw error;
    return false;
  }
}

async function putWhole(
  { url, headers: own, agent }: UploadPlace,
  file: UploadableFile,
  open: OpenBytes,
  onProgress: OnProgress,
): Promise<void> {
  const headers = { ...own, 'content-type': 'application/octet-stream' };
  const bytes = counted(open(0), 0, onProgress);
  const reply = await sendBytes(url, { method: 'PUT', headers, length: file.sizeBytes, agent }, bytes);
  if (reply.status >= 300) throw restError(reply.status, reply.body);
}

async function resume(
  place: UploadPlace,
  file: UploadableFile,
  open: OpenBytes,
  onProgress: OnProgress,
): Promise<void> {
  const { offset, isComplete } = await progressOf(place);
  onProgress(offset);
  // An upload with all its bytes may still have to be put together: sending no more of them asks for that.
  if (isComplete) return;
  const headers = {
    ...place.headers,
    'content-type': 'application/partial-upload',
    'upload-offset': String(offset),
  };
  const bytes = counted(open(offset), offset, onProgress);
  const answerMs = ANSWER_MS + file.sizeBytes / ASSEMBLED_BYTES_PER_MS;
  const reply = await sendBytes(
    place.url,
    { method: 'PATCH', headers, length: file.sizeBytes - offset, answerMs, agent: place.agent },
    bytes,
  );
  if (reply.status >= 300) throw restError(reply.status, reply.body);
}

async function progressOf(place: UploadPlace): Promise<{ offset: number; isComplete: boolean }> {
  const { status, headers } = await ask(place.url, { method: 'HEAD', headers: place.headers }, place.agent);
  if (status >= 300) throw restError(status, '');
  return { offset: Number(headers['upload-offset'] ?? 0), isComplete: headers['upload-complete'] === '?1' };
}

async function* counted(bytes: AsyncIterable<Uint8Array>, from: number, onProgress: OnProgress) {
  let sent = from;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.byteLength;
    onProgress(sent);
  }
}

/** A broken connection is; a refusal is only when the server says so, or when the upload goes on at another byte. */
function isWorthRepeating(error: unknown): boolean {
  return !isDomainError(error) || error.isRetryable || error.code === 'UPLOAD_OFFSET_WRONG';
}

function asUnavailable(baseUrl: string, error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return unavailable(baseUrl, (error as { code?: string }).code ?? (error as Error).message, error);
}
