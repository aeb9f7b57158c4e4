import type { IncomingMessage } from 'node:http';
import { DomainError } from '#domain/errors';
import { release } from './external-memory.ts';

/** Told of the body, or of why there is none. */
type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Collects a request's body in memory of its own; what it came in is given back at once.
 *
 * @param maxBytes that it may have.
 * @param done with REQUEST_TOO_LARGE or REQUEST_MALFORMED instead of a body.
 */
export function collectBody(message: IncomingMessage, maxBytes: number, done: Done): void {
  const header = message.headers['content-length'];
  const declared = header === undefined ? undefined : Number(header);
  if (declared !== undefined && declared > maxBytes) {
    done(tooLarge(maxBytes));
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  let isOver = false;
  const end = (error: Error | null) => {
    if (isOver) return;
    isOver = true;
    if (error === null) done(null, joinedBody(chunks, length));
    else done(error);
    chunks.length = 0;
  };
  message.on('data', (chunk: Buffer) => {
    if (isOver) return;
    length += chunk.byteLength;
    if (length > maxBytes) end(tooLarge(maxBytes));
    else chunks.push(chunk);
  });
  message.on('end', () => {
    const isWhole = declared === undefined || declared === length;
    end(isWhole ? null : malformed(`its content-length says ${declared} bytes, ${length} came`));
  });
  message.on('error', (error) => end(malformed(`it did not come whole: ${error.message}`)));
}

/** A body in one piece, in memory of its own if it came in several. @param length of all chunks together, bytes. */
export function joinedBody(chunks: readonly Buffer[], length: number): Buffer {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const chunk of chunks) {
    at += chunk.copy(whole, at);
    release(chunk);
  }
  return whole;
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('REQUEST_TOO_LARGE', `the body is larger than the ${maxBytes} bytes that this server takes`);
}

function malformed(problem: string): DomainError {
  return new DomainError('REQUEST_MALFORMED', `the body: ${problem}`);
}
