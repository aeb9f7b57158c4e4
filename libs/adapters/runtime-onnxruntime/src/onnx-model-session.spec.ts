import { runtimeContract } from '#testing';
import { OnnxModelSession } from './onnx-model-session.ts';

runtimeContract('OnnxModelSession', (path) => OnnxModelSession.load(path, 1));
