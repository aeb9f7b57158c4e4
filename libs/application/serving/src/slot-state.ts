import type { ErrorCode } from '#domain/errors';

/**
 * The states of a version on a gateway.
 * - `loading`: pulled, verified, loaded or warmed; gets no traffic. Also after its last runner was lost, until there is a new one.
 * - `ready`: entered after the warm-up succeeded; gets traffic from then on.
 * - `failed`: could not be loaded; gets no traffic, and is tried again now and then while it is wanted.
 * - `sleeping`: not in memory, to spare it; stays in traffic, and its next request has it loaded again and waits for that.
 * - `closed`: not wanted any more; its runners end when the last request has.
 */
export type SlotState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'sleeping' }
  | { readonly kind: 'closed' };
