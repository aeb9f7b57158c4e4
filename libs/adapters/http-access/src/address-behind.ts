import type { AccessControl } from '#application/access';

/** Headers by their names in lower case; several of one name are joined by commas, or a list. */
export type ForwardingHeaders = Readonly<Record<string, { toString(): string } | undefined>>;

/** Where a request comes from. @param peer at the other end of its connection. @returns `undefined` when it cannot be told. */
export function addressBehind(
  peer: string | undefined,
  headers: ForwardingHeaders,
  control: Pick<AccessControl, 'believesProxies' | 'addressOf'>,
): string | undefined {
  if (!control.believesProxies) return peer;
  const { 'x-forwarded-for': forwardedFor, forwarded } = headers;
  return control.addressOf(peer, { forwardedFor: forwardedFor?.toString(), forwarded: forwarded?.toString() });
}
