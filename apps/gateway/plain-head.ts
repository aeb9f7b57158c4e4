import type { IncomingHttpHeaders } from 'node:http';
import { inferredModel } from './inference-path.ts';
import type { ModelParams } from './rest-exchange.ts';

/** The head of a plain inference request: what needs no more of HTTP/1.1 than a length. */
export interface PlainHead {
  readonly params: ModelParams;
  /** As Node.js would give them. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly contentLength: number;
}

const REQUEST_LINE = /^POST ([!-~]+) HTTP\/1\.1$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const OUTER_BLANKS = /^[\t ]+|[\t ]+$/g;
const CONTENT_LENGTH = /^\d{1,15}$/;

/** They say how a message is framed, or what becomes of its connection. */
const NOT_PLAIN = ['transfer-encoding', 'upgrade', 'expect', 'trailer', 'proxy-connection'] as const;

/**
 * Reads the head of a plain inference request. It is no HTTP parser: it knows the requests that well-behaved clients send, and whatever
 * it is in doubt about is left to Node.js, a header that comes twice as well as a line that ends in a bare LF.
 *
 * @param text all before the empty line, in ISO 8859-1.
 * @returns `undefined` when it is anything else.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export function readPlainHead(text: string): PlainHead | undefined {
  const lines = text.split('\r\n');
  const [, path] = REQUEST_LINE.exec(lines[0] ?? '') ?? [];
  const params = path === undefined ? undefined : inferredModel(path);
  if (params === undefined) return undefined;
  const headers = readFields(lines);
  if (headers === undefined || !isPlain(headers)) return undefined;
  const length = headers['content-length'];
  if (length === undefined || !CONTENT_LENGTH.test(length)) return undefined;
  return { params, headers, contentLength: Number(length) };
}

function readFields(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = Object.create(null);
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] as string;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (colon < 1 || !FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) return undefined;
    const key = name.toLowerCase();
    if (key in headers) return undefined;
    headers[key] = value.replace(OUTER_BLANKS, '');
  }
  return headers;
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { connection, host } = headers;
  if (host === undefined || NOT_PLAIN.some((name) => name in headers)) return false;
  return connection === undefined || connection.toLowerCase() === 'keep-alive';
}
