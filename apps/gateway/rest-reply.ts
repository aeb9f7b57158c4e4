import type { ServerResponse } from 'node:http';

/** Where the answer to an HTTP request goes. */
export interface RestReply {
  /** Nobody is there any more, or the server has given the request up. */
  readonly isGone: boolean;
  /**
   * Answers.
   *
   * @param headers names and values in turn, without `content-length`.
   * @param isLast whether the connection ends with the answer.
   */
  send(status: number, headers: readonly string[], body: string | Uint8Array, isLast?: boolean): void;
}

/** Answers by way of Node.js. */
export function replyBy(response: ServerResponse): RestReply {
  return {
    get isGone() {
      return response.headersSent || response.destroyed;
    },
    send: (status, headers, body, isLast = false) => {
      const all = [...headers, 'content-length', String(Buffer.byteLength(body))];
      response.writeHead(status, isLast ? [...all, 'connection', 'close'] : all).end(body);
    },
  };
}
