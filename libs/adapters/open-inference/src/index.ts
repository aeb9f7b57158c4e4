export { type BodySender, compressed, decompressed, wantedEncoding } from './content-encoding.ts';
export { decodeGenerateRequest, encodeGenerateResponse, type GenerateRequest } from './generate-codec.ts';
export { decodeGrpcRequest, encodeGrpcResponse } from './grpc-codec.ts';
export { readInferRequest } from './infer-request-reader.ts';
export { FRAME_HEADER_BYTES, writeInferResponse } from './infer-response-writer.ts';
export { type ConfiguredModel, toJsonModelConfig, toModelConfig } from './model-config.ts';
export { encodePayload } from './payload-codec.ts';
export { type DecodedBody, decodeRestRequest, type EncodedBody, encodeRestResponse } from './rest-codec.ts';
export { type NamedStatistics, toGrpcStatistics, toJsonStatistics } from './statistics-codec.ts';
