export { OnnxModelSession } from './onnx-model-session.ts';
