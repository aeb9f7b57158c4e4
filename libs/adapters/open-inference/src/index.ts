export { decodeGrpcRequest, encodeGrpcResponse } from './grpc-codec.ts';
export { type DecodedBody, decodeJsonRequest, encodeJsonResponse } from './json-codec.ts';
