import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3ObjectStore } from './s3-object-store.ts';

const WHOLE = 'the whole object';
let server: Server;

/** An S3 server that takes no notice of ranges, as some proxies do. */
beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(200, { etag: '"1"' }).end(WHOLE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

it('reads from the byte that was asked for, where the server answers with everything', async () => {
  const store = await S3ObjectStore.open({
    s3Endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    s3PublicEndpoint: undefined,
    s3UseTls: false,
    s3Bucket: 'bucket',
    s3Region: 'us-east-1',
    s3AccessKey: 'key',
    s3SecretKey: 'secret',
  });
  let text = '';
  for await (const chunk of (await store.getStream('key', 4)) ?? []) text += new TextDecoder().decode(chunk);
  expect(text).toBe(WHOLE.slice(4));
});
