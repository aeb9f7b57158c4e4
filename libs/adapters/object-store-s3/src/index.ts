export { S3ObjectStore, type S3Settings } from './s3-object-store.ts';
