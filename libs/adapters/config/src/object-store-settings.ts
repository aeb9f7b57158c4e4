import { booleanSetting, choiceSetting, optionalTextSetting, textSetting } from './setting.ts';

/** Where the bucket is. Registry, controller and gateway read the same settings, because they share one bucket. */
export const objectStoreSettings = {
  store: choiceSetting('SLIPWAY_STORE', 'Kind of object store: a folder or S3.', ['fs', 's3'], { default: 'fs' }),
  storeDir: textSetting('SLIPWAY_STORE_DIR', 'Folder of the store `fs`.', { default: '.slipway/store' }),
  s3Endpoint: optionalTextSetting('SLIPWAY_S3_ENDPOINT', 'Host of the S3 server, with its port if it has one.'),
  s3PublicEndpoint: optionalTextSetting(
    'SLIPWAY_S3_PUBLIC_ENDPOINT',
    'Host of the S3 server for clients: when set, they exchange artifact bytes with the bucket directly, by signed URLs.',
  ),
  s3UseTls: booleanSetting('SLIPWAY_S3_TLS', 'Whether the S3 server is reached by HTTPS.', { default: 'true' }),
  s3Bucket: textSetting('SLIPWAY_S3_BUCKET', 'Bucket; created when absent.', { default: 'slipway' }),
  s3Region: textSetting('SLIPWAY_S3_REGION', 'Region of the bucket.', { default: 'us-east-1' }),
  s3AccessKey: optionalTextSetting('SLIPWAY_S3_ACCESS_KEY', 'Access key.', { isSecret: true }),
  s3SecretKey: optionalTextSetting('SLIPWAY_S3_SECRET_KEY', 'Secret key.', { isSecret: true }),
};
