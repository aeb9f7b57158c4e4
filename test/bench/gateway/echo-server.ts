/**
 * The floor of every server on Node.js: takes a request whole and answers with as many bytes as a real reply has. Does nothing else.
 *
 *     node echo-server.ts <HTTP port> <gRPC port> <reply size>…
 *
 * Over HTTP `POST /<reply size>`, over gRPC `/echo.Echo/R<reply size>`.
 */
import http from 'node:http';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';

const [httpPort, grpcPort, ...sizes] = process.argv.slice(2);
const replies = new Map(sizes.map((size) => [size, Buffer.alloc(Number(size), 0x20)]));

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    Buffer.concat(chunks);
    const reply = replies.get((request.url ?? '').slice(1));
    const head = { 'content-type': request.headers['content-type'], 'content-length': reply?.length };
    response.writeHead(reply === undefined ? 404 : 200, head).end(reply);
  });
});
server.listen(Number(httpPort), '127.0.0.1');

const raw = (bytes: Buffer) => bytes;
const methods: Record<string, ServiceDefinition[string]> = {};
const handlers: UntypedServiceImplementation = {};
for (const [size, reply] of replies) {
  methods[size] = {
    path: `/echo.Echo/R${size}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  };
  handlers[size] = (_call: unknown, callback: (error: null, value: Buffer) => void) => callback(null, reply);
}
const grpc = new Server();
grpc.addService(methods, handlers);
grpc.bindAsync(`127.0.0.1:${grpcPort}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
});
