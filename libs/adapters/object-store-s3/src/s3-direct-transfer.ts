import { createHash, createHmac } from 'node:crypto';
import type { DirectRequest, DirectTransfer } from '#application/registry';
import type { S3Settings } from './s3-settings.ts';

/** S3's bound for an object that one request brings. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
const EXPIRES_SECONDS = 3600;

/**
 * Signed URLs for a bucket. A write names the SHA-256 of its bytes in a signed header, which S3 compares with what arrives: whoever
 * holds the URL can bring these bytes and no others.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export class S3DirectTransfer implements DirectTransfer {
  readonly maxPutBytes = MAX_PUT_BYTES;
  readonly #host: string;
  readonly #scheme: string;
  readonly #settings: { readonly bucket: string; readonly region: string; readonly accessKey: string };
  readonly #secretKey: string;

  private constructor(host: string, settings: S3Settings, accessKey: string, secretKey: string) {
    this.#host = host;
    this.#scheme = settings.s3UseTls ? 'https' : 'http';
    this.#settings = { bucket: settings.s3Bucket, region: settings.s3Region, accessKey };
    this.#secretKey = secretKey;
  }

  /** `undefined` when clients have no way to the bucket. */
  static of(settings: S3Settings): S3DirectTransfer | undefined {
    const { s3PublicEndpoint: host, s3AccessKey, s3SecretKey } = settings;
    if (host === undefined || s3AccessKey === undefined || s3SecretKey === undefined) return undefined;
    return new S3DirectTransfer(host, settings, s3AccessKey, s3SecretKey);
  }

  presignPut(key: string, sha256Hex: string): DirectRequest {
    const checksum = Buffer.from(sha256Hex, 'hex').toString('base64');
    return this.#presign('PUT', key, { 'x-amz-checksum-sha256': checksum });
  }

  presignGet(key: string): DirectRequest {
    return this.#presign('GET', key, {});
  }

  #presign(method: 'GET' | 'PUT', key: string, headers: Readonly<Record<string, string>>): DirectRequest {
    const { bucket, region, accessKey } = this.#settings;
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
    const signed = Object.entries({ host: this.#host, ...headers }).sort(([left], [right]) => (left < right ? -1 : 1));
    const names = signed.map(([name]) => name).join(';');
    const query = Object.entries({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `${accessKey}/${scope}`,
      'X-Amz-Date': time,
      'X-Amz-Expires': String(EXPIRES_SECONDS),
      'X-Amz-SignedHeaders': names,
    })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    // Keys hold no character that would need an escape in a path.
    const path = `/${bucket}/${key}`;
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = [method, path, query, lines, names, 'UNSIGNED-PAYLOAD'].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
    const signature = createHmac('sha256', this.#keyOf(scope)).update(toSign).digest('hex');
    return { method, headers, url: `${this.#scheme}://${this.#host}${path}?${query}&X-Amz-Signature=${signature}` };
  }

  #keyOf(scope: string): Buffer {
    return scope
      .split('/')
      .reduce<Buffer>(
        (key, part) => createHmac('sha256', key).update(part).digest(),
        Buffer.from(`AWS4${this.#secretKey}`),
      );
  }
}
