export { S3ObjectStore } from './s3-object-store.ts';
export type { S3Settings } from './s3-settings.ts';
