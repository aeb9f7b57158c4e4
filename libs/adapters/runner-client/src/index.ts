export { type Frame, type FrameHeader, FrameReader, headersOf, type TensorHeader, writeFrame } from './frame.ts';
export { RunnerHost } from './runner-host.ts';
export { RunnerProcess, type RunnerProgram } from './runner-process.ts';
