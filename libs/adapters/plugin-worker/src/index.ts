export { readLines } from './log-lines.ts';
export { FsPluginFolders } from './plugin-folders.ts';
export { type PluginModelFiles, PluginModelSession } from './plugin-model-session.ts';
export { type PrintedLine, ThreadWorkers } from './thread-workers.ts';
export type { SentTensor } from './worker-message.ts';
