import type { S3Program } from './s3-server.ts';

/** A second S3 server, so that we depend on S3 and not on one server. */
export const versitygwProgram: S3Program = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  argumentsFor: (port, data) => ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', data],
  environmentFor: (accessKey, secretKey) => ({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
};
