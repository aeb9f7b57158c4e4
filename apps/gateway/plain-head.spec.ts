import { createServer, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainHead } from './plain-head.ts';

const LINE = 'POST /v2/models/digits/infer HTTP/1.1';
const head = (...fields: string[]) => [LINE, 'Host: x', ...fields].join('\r\n');

describe('readPlainHead', () => {
  it('reads what a client of good manners sends', () => {
    expect(readPlainHead(head('Content-Length: 12', 'X-Team:\t vision ', 'Connection: Keep-Alive', 'Empty:'))).toEqual({
      params: { model: 'digits' },
      contentLength: 12,
      headers: { host: 'x', 'content-length': '12', 'x-team': 'vision', connection: 'Keep-Alive', empty: '' },
    });
  });

  it.each([
    ['no length', head()],
    ['no host', `${LINE}\r\nContent-Length: 1`],
    ['a body in chunks', head('Transfer-Encoding: chunked')],
    ['a body in chunks and a length', head('Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['two lengths', head('Content-Length: 1', 'content-length: 1')],
    ['a list of lengths', head('Content-Length: 1, 1')],
    ['a signed length', head('Content-Length: +1')],
    ['a length in hexadecimal', head('Content-Length: 0x1')],
    ['no number', head('Content-Length: ')],
    ['a header that comes twice', head('Content-Length: 1', 'A: 1', 'a: 2')],
    ['a blank before the colon', head('Content-Length : 1')],
    ['a line without a colon', head('Content-Length: 1', 'what')],
    ['a folded line', head('Content-Length: 1', 'A: 1', ' 2')],
    ['a bare line feed', head('Content-Length: 1', 'A: 1\nB: 2')],
    ['a bare carriage return', head('Content-Length: 1', 'A: 1\rB: 2')],
    ['a control character', head('Content-Length: 1', 'A: \0')],
    ['a connection that is to end', head('Content-Length: 1', 'Connection: close')],
    ['a connection with options', head('Content-Length: 1', 'Connection: keep-alive, x-team')],
    ['an upgrade', head('Content-Length: 1', 'Upgrade: websocket')],
    ['an expectation', head('Content-Length: 1', 'Expect: 100-continue')],
    ['HTTP/1.0', head('Content-Length: 1').replace('1.1', '1.0')],
    ['another method', head('Content-Length: 1').replace('POST', 'PUT')],
    ['a method in lower case', head('Content-Length: 1').replace('POST', 'post')],
    ['another path', head('Content-Length: 1').replace('infer', 'generate')],
    ['an absolute path', head('Content-Length: 1').replace('/v2', 'http://x/v2')],
    ['two blanks', head('Content-Length: 1').replace('POST ', 'POST  ')],
    ['nothing', ''],
  ])('leaves %s to Node.js', (_what, text) => {
    expect(readPlainHead(text)).toBeUndefined();
  });

  it('reads nothing that Node.js reads otherwise, or refuses', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(anyHead, async (text) => {
        const ours = readPlainHead(text);
        if (ours === undefined) return;
        accepted += 1;
        const theirs = await readByNode(text, ours.contentLength);
        expect({ ...ours.headers }).toEqual({ ...theirs.headers });
        expect(theirs.bodyBytes).toBe(ours.contentLength);
        expect(theirs.following).toBe('/after');
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

const odd = fc.constantFrom(
  '',
  ' ',
  '\t',
  '\r',
  '\n',
  '\r\n',
  '\0',
  ':',
  ',',
  '\x7f',
  '\x80',
  '\xa0',
  '\xff',
  '"',
  '(',
  'é',
  '_',
  '%',
);
const name = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('X-Team', 'accept', 'User-Agent', 'Te', 'Keep-Alive', 'Cookie', 'Age'),
  },
  fc.constantFrom(
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Upgrade',
    'Expect',
    'Trailer',
    'Proxy-Connection',
  ),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', '1', 'keep-alive', 'Chunked', 'gzip, br', ' b\t') },
  fc.array(fc.oneof(odd, fc.string({ maxLength: 3 })), { maxLength: 4 }).map((parts) => parts.join('')),
);
const field = fc.tuple(name, fc.constantFrom(':', ': ', ' :', ':\t', ':  '), value).map((parts) => parts.join(''));
/** Heads of requests, most of them nearly plain, with something odd put in at any place. */
const anyHead = fc
  .record({
    fields: fc.array(field, { maxLength: 4 }),
    length: fc.nat(40),
    oddity: fc.option(fc.tuple(fc.nat(200), odd), { freq: 2 }),
  })
  .map(({ fields, length, oddity }) => {
    const text = head(`Content-Length: ${length}`, ...fields);
    if (oddity === null) return text;
    const at = oddity[0] % (text.length + 1);
    return text.slice(0, at) + oddity[1] + text.slice(at);
  });

/** What Node.js makes of a head, a body of so many bytes and another request behind it. */
async function readByNode(text: string, bodyBytes: number) {
  const [client, server] = duplexPair();
  client.on('error', () => {}).resume();
  const requests: IncomingMessage[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const http = createServer((request, response) => {
    requests.push(request);
    if (requests.length === 1) request.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
    else resolve();
    response.end();
  });
  http.on('clientError', reject);
  http.emit('connection', server);
  client.write(`${text}\r\n\r\n${'b'.repeat(bodyBytes)}GET /after HTTP/1.1\r\nHost: x\r\n\r\n`, 'latin1');
  await promise;
  client.destroy();
  return { headers: requests[0]?.headers ?? {}, bodyBytes: bytes, following: requests[1]?.url };
}
