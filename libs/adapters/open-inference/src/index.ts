export { compressed, decompressed, wantedEncoding } from './content-encoding.ts';
export { decodeGrpcRequest, encodeGrpcResponse } from './grpc-codec.ts';
export { encodePayload } from './payload-codec.ts';
export { type DecodedBody, decodeRestRequest, type EncodedBody, encodeRestResponse } from './rest-codec.ts';
