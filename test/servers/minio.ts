import { type S3Program, S3Server } from './s3-server.ts';

/** The version is the last state of the archived repository that the Go module proxy serves. */
export const minioProgram: S3Program = {
  name: 'minio',
  module: 'github.com/minio/minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  argumentsFor: (port, data) => ['server', '--quiet', '--address', `127.0.0.1:${port}`, data],
  environmentFor: (accessKey, secretKey) => ({
    MINIO_ROOT_USER: accessKey,
    MINIO_ROOT_PASSWORD: secretKey,
    MINIO_BROWSER: 'off',
  }),
};

export type MinioServer = S3Server;

/** Builds MinIO on first use, which takes minutes, and starts it. */
export function startMinio(): Promise<MinioServer> {
  return S3Server.start(minioProgram);
}
