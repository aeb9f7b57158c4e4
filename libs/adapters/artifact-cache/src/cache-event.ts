/** What the cache tells of itself, for logs and metrics. */
export type CacheEvent =
  /** Told every few seconds while a pull lasts. */
  | { readonly kind: 'pulling'; readonly file: string; readonly doneBytes: number; readonly sizeBytes: number }
  | {
      readonly kind: 'pulled';
      readonly file: string;
      readonly sizeBytes: number;
      /** Bytes of it that an earlier attempt had left on the disk. */
      readonly keptBytes: number;
    }
  | { readonly kind: 'evicted'; readonly digest: string; readonly sizeBytes: number }
  /** Bytes, from the disk or the store, were not those of their digest; they are gone, and were not used. */
  | { readonly kind: 'quarantined'; readonly reason: string }
  /** Nothing can be written; what is there is served on. */
  | { readonly kind: 'unwritable'; readonly reason: string };
