export {
  type GrpcChannelParts,
  type GrpcInferenceAnswer,
  type GrpcInferenceCall,
  GrpcInferenceClient,
  type GrpcInferenceClientOptions,
  type StreamAnswer,
} from './grpc-inference-client.ts';
export {
  type InferenceAnswer,
  type InferenceCall,
  type JsonTensor,
  RestInferenceClient,
  type RestInferenceClientOptions,
  type RuntimeInventory,
  type VersionStages,
} from './rest-inference-client.ts';
