import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { ClientOptions } from 'minio';
import type { StoreSilence } from './store-silence.ts';

type Transport = NonNullable<ClientOptions['transport']>;

/** The client library gives up on these without reading what they say, and without freeing their connections. */
const REFUSALS = new Set([408, 429, 499, 500, 502, 503, 504, 520]);
/** A store that has begun to answer has found what it was asked for: a pause is shorter then. */
const MIDWAY_SHARE = 0.6;
/** A reader may keep the store waiting so often, each time as long as the store may be silent. */
const MAX_READER_WAITS = 30;
const MAX_REFUSAL_CHARACTERS = 10_000;

/** What a store said that refused a request for the moment. */
export class StoreRefusal extends Error {
  /** S3's name for the reason, or the HTTP status of something on the way to it. */
  readonly code: string;

  constructor(status: number | undefined, text: string) {
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? `status ${status}`;
    super(`the object store refused a request: ${code}`);
    this.code = code;
  }
}

/** HTTP for the S3 client, on connections that are kept, with an end to silence: the library itself waits for ever. */
export function watchedTransport(usesTls: boolean, silence: StoreSilence): Transport {
  const options = { keepAlive: true, maxSockets: 256 };
  const agent = usesTls ? new https.Agent(options) : new http.Agent(options);
  const request = (asked: RequestOptions, answered: (response: IncomingMessage) => void) => {
    const sent: ClientRequest = (usesTls ? https : http).request({ ...asked, agent }, (response) => {
      silence.heard();
      if (!REFUSALS.has(response.statusCode ?? 0)) answered(response);
      else void refusalIn(response).then((error) => sent.emit('error', error));
    });
    endSilence(sent, silence.silenceMs, () => {
      // A route that was lost took the idle connections with it.
      if (silence.met())
        for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
      sent.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' }));
    });
    return sent;
  };
  return { request } as Transport;
}

/** Calls back when a request has waited for too long: for a connection, which has no silence to measure yet, or for a word on it. */
function endSilence(sent: ClientRequest, silenceMs: number, end: () => void): void {
  const connecting = setTimeout(end, silenceMs);
  sent.once('socket', () => clearTimeout(connecting));
  sent.once('close', () => clearTimeout(connecting));
  let answer: IncomingMessage | undefined;
  const midwayMs = silenceMs * MIDWAY_SHARE;
  sent.once('response', (response) => {
    answer = response;
    response.socket.setTimeout(midwayMs);
  });
  let readerWaits = 0;
  sent.setTimeout(silenceMs);
  sent.on('timeout', () => {
    // Where bytes wait to be read, it is the reader who is slow, or gone.
    readerWaits += 1;
    if (answer === undefined || answer.readableLength === 0 || readerWaits > MAX_READER_WAITS) end();
    else answer.socket.setTimeout(midwayMs);
  });
}

/** Reads all of a refusal: its connection can be used again. */
async function refusalIn(response: IncomingMessage): Promise<Error> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) text = `${text}${chunk}`.slice(0, MAX_REFUSAL_CHARACTERS);
  } catch {
    // Its status says enough.
  }
  return new StoreRefusal(response.statusCode, text);
}
