export { FsPluginFolders } from './plugin-folders.ts';
export { type PrintedLine, ThreadWorkers } from './thread-workers.ts';
export type { SentTensor } from './worker-message.ts';
