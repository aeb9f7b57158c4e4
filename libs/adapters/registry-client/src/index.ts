export type { DownloadableFile } from './download-file.ts';
export {
  type AccessAnswer,
  type ClientOptions,
  type FoundModel,
  type FoundVersion,
  type FoundVersions,
  RegistryClient,
  type VersionToDeclare,
} from './registry-client.ts';
export type { OnProgress, OpenBytes, UploadableFile } from './upload-blob.ts';
