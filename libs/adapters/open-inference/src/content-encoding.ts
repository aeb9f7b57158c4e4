import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import { DomainError } from '#domain/errors';
import { Turns } from './turns.ts';

/** Compressions of the protocol's clients. `deflate` is zlib's format, as HTTP has it. */
export type ContentEncoding = 'gzip' | 'deflate';

const DECOMPRESS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;
const COMPRESS = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;
/** What is shorter than this becomes 4 MiB at most: a byte of either encoding stands for 1032. */
const SMALL_BYTES = 4096;
/**
 * Unpacked bodies are held whole, each as long as a body may be, however little was sent for it. So all of them take turns, whichever way they
 * came; small ones have places of their own, and do not wait for others.
 */
const unpackingLarge = new Turns(2);
const unpackingSmall = new Turns(16);
/** Speed counts more than size where bytes are tensors. */
const LEVEL = 1;

/** Who sends a body. */
export interface BodySender {
  /** Turns go around among addresses. */
  readonly address: string | undefined;
  /** Whether nobody waits for an answer any more. */
  isGone(): boolean;
}

/**
 * A request body, or message, without its compression, which is taken off in its turn.
 *
 * @param maxBytes that it may have afterwards.
 * @throws UNSUPPORTED for other encodings; REQUEST_MALFORMED, also when its sender is gone by then; REQUEST_TOO_LARGE
 */
export async function decompressed(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
  { address = '', isGone }: BodySender,
): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    const named = encoding.slice(0, 100);
    throw new DomainError('UNSUPPORTED', `the encoding ${named} is not supported: use gzip, deflate or none`);
  }
  const turns = body.byteLength <= SMALL_BYTES ? unpackingSmall : unpackingLarge;
  try {
    return await turns.take(address, async () => {
      if (isGone()) throw new Error('its sender is gone');
      return DECOMPRESS[encoding](body, { maxOutputLength: maxBytes });
    });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DomainError('REQUEST_TOO_LARGE', `the body has more than ${maxBytes} bytes without its ${encoding}`);
    }
    throw new DomainError('REQUEST_MALFORMED', `the body is no ${encoding}: ${(error as Error).message}`);
  }
}

/**
 * The compression that a client asks for. Only one that is named alone counts: most HTTP libraries list everything that they could read,
 * and compressing tensors for them would cost more than it saves.
 */
export function wantedEncoding(acceptEncoding: string | undefined): ContentEncoding | undefined {
  return acceptEncoding === 'gzip' || acceptEncoding === 'deflate' ? acceptEncoding : undefined;
}

export async function compressed(body: string | Uint8Array, encoding: ContentEncoding): Promise<Buffer> {
  return COMPRESS[encoding](body, { level: LEVEL });
}
