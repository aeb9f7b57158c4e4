export { describeRunnerRuntime } from './describe-runner-runtime.ts';
export { type ReceivedRun, readAnswer, readRun, writeAnswer, writeRun } from './lane-codec.ts';
export type { LoadedModel, ModelToLoad, RuntimePlugin } from './load-message.ts';
export { type RunnerModel, serveGateway } from './runner-channel.ts';
export { RunnerHost, type RunnerHostOptions, type VariantRuntime } from './runner-host.ts';
export { RUNNER_ENVIRONMENT, RunnerProcess, type RunnerProgram } from './runner-process.ts';
export { SharedMemory } from './shared-memory.ts';
