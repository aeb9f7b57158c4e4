/** How to reach a bucket. */
export interface S3Settings {
  /** Host, with a port where it has one. */
  readonly s3Endpoint: string | undefined;
  readonly s3UseTls: boolean;
  readonly s3Bucket: string;
  readonly s3Region: string;
  readonly s3AccessKey: string | undefined;
  readonly s3SecretKey: string | undefined;
  /** Host under which clients reach the same bucket; `undefined` keeps them away from it. */
  readonly s3PublicEndpoint?: string | undefined;
}
