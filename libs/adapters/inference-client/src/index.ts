export { type GrpcInferenceAnswer, GrpcInferenceClient } from './grpc-inference-client.ts';
export {
  type InferenceAnswer,
  type InferenceCall,
  type JsonTensor,
  RestInferenceClient,
  type ServedModel,
  type VersionStages,
} from './rest-inference-client.ts';
