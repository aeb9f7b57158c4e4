import http from 'node:http';
import https from 'node:https';
import type { ClientOptions } from 'minio';

type Transport = NonNullable<ClientOptions['transport']>;

/** A store that says nothing for so long is taken for gone: its clients would otherwise wait with it. */
const SILENCE_MS = 10_000;

/** HTTP for the S3 client, on connections that are kept, with an end to silence: the library itself waits for ever. */
export function transportWithDeadline(usesTls: boolean): Transport {
  const agent = usesTls
    ? new https.Agent({ keepAlive: true, maxSockets: 256 })
    : new http.Agent({ keepAlive: true, maxSockets: 256 });
  const request = (options: http.RequestOptions, answered: (response: http.IncomingMessage) => void) => {
    const sent = (usesTls ? https : http).request({ ...options, agent }, answered);
    sent.setTimeout(SILENCE_MS, () => sent.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
    return sent;
  };
  return { request } as Transport;
}
