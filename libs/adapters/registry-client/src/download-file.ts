import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import type http from 'node:http';
import { dirname } from 'node:path';
import { DomainError, isDomainError } from '#domain/errors';
import type { FilesQuery } from '#generated/registry-operations';
import { openRequest } from './ask.ts';
import { CheckedFileWriter } from './checked-file-writer.ts';
import type { RegistryServer } from './registry-server.ts';
import { restError, unavailable } from './server-errors.ts';

const SILENCE_MS = 60_000;

/** A file of a version, and where its bytes can be had. */
export type DownloadableFile = NonNullable<FilesQuery['files']>['variants'][number]['files'][number];

/** Told how many bytes of the file have arrived. */
type OnReceived = (receivedBytes: number) => void;

/**
 * Brings a file's bytes to a path, from the bucket itself where that is offered, else through the registry. The file appears under its
 * path once its digest was checked, and a file that is there with the right bytes already is left as it is.
 *
 * @returns whether bytes were fetched.
 * @throws ARTIFACT_CORRUPT when other bytes came; ARTIFACT_NOT_FOUND, REGISTRY_UNAVAILABLE
 */
export async function downloadFile(
  server: RegistryServer,
  file: DownloadableFile,
  path: string,
  onReceived: OnReceived,
): Promise<boolean> {
  if (await hasContent(path, file)) return false;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    await fetchInto(server, file, temporary, onReceived);
    await rename(temporary, path);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fetchInto(
  { baseUrl, headers, agent }: RegistryServer,
  file: DownloadableFile,
  path: string,
  onReceived: OnReceived,
): Promise<void> {
  const direct = file.directDownload;
  if (direct !== null) {
    try {
      return await write(await get(direct.url, named(direct.headers), undefined), file, path, onReceived);
    } catch (error) {
      // The registry can say what is wrong, and may reach a bucket that we cannot.
      if (isDomainError(error, 'ARTIFACT_CORRUPT') || (error as { syscall?: string }).syscall === 'write') throw error;
    }
  }
  try {
    await write(await get(`${baseUrl}${file.downloadPath}`, headers, agent), file, path, onReceived);
  } catch (error) {
    const { code, syscall, message } = error as { code?: string; syscall?: string; message: string };
    if (error instanceof DomainError || syscall === 'write' || syscall === 'open') throw error;
    throw unavailable(baseUrl, code ?? message, error);
  }
}

async function write(
  response: http.IncomingMessage,
  file: DownloadableFile,
  path: string,
  onReceived: OnReceived,
): Promise<void> {
  const writer = new CheckedFileWriter(path);
  let received = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      await writer.write(chunk);
      received += chunk.byteLength;
      onReceived(received);
    }
    const digest = `sha256:${await writer.end()}`;
    if (digest === file.digest) return;
    throw new DomainError('ARTIFACT_CORRUPT', `${file.path}: got ${received} bytes with ${digest}, not ${file.digest}`);
  } finally {
    await writer.close();
  }
}

function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  agent: RegistryServer['agent'],
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = openRequest(url, { headers }, agent);
    request.end();
    request.setTimeout(SILENCE_MS, () => request.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
    request.once('error', reject);
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      if (status === 200) return resolve(response);
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body = `${body}${text}`.slice(0, 10_000);
      });
      response.once('error', reject).once('end', () => reject(restError(status, body)));
    });
  });
}

async function hasContent(path: string, { digest, sizeBytes }: DownloadableFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== sizeBytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}` === digest;
}

function named(headers: readonly { readonly name: string; readonly value: string }[]): Record<string, string> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}
