export {
  type GrpcInferenceAnswer,
  type GrpcInferenceCall,
  GrpcInferenceClient,
  type StreamAnswer,
} from './grpc-inference-client.ts';
export {
  type InferenceAnswer,
  type InferenceCall,
  type JsonTensor,
  RestInferenceClient,
  type VersionStages,
} from './rest-inference-client.ts';
