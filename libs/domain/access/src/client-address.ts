/** What is known of addresses, and of the proxies that say for whom they ask. */
export interface TrustedProxies {
  /** An address as it is compared, IPv4 in IPv6 notation as what it stands for; `undefined` for what is none. */
  readonly read: (text: string) => string | undefined;
  /** Whether a proxy is at an address that `read` gave. */
  readonly isTrusted: (address: string) => boolean;
}

/** What a request says of whom it comes from: its headers, whole, with commas between several of one name. */
export interface Forwarding {
  /** `X-Forwarded-For`. */
  readonly forwardedFor: string | undefined;
  /** `Forwarded`. @see RFC 7239 */
  readonly forwarded: string | undefined;
}

/** So many proxies may stand one behind the other; what is further away is not looked at. */
export const MAX_PROXIES = 16;

/** An address is no longer, with brackets and a port. */
const MAX_ENTRY_LENGTH = 64;
const IN_BRACKETS = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i;
const WITH_PORT = /^([0-9.]+):\d{1,5}$/;
const BARE = /^[0-9a-f:.]+$/i;
const FORWARDED_FOR = /^for=(?:"([^"\\]*)"|([^"]*))$/i;

/**
 * The address of the client for whom a request is made.
 *
 * Only a trusted proxy is believed, and only about whom it has seen itself, which it appends to `X-Forwarded-For`: from the right, the first
 * address that is no trusted proxy's is the client's. What stands left of it may be the client's own invention. An entry that is no
 * address ends the search at the last one that was believed.
 *
 * `Forwarded` names nobody here. But where it comes too and names somebody else, it cannot be told which of them the proxy has written and
 * which the client.
 *
 * @param peer at the other end of the connection.
 * @returns `undefined` when it cannot be told.
 */
export function clientAddress(
  peer: string | undefined,
  { forwardedFor, forwarded }: Forwarding,
  proxies: TrustedProxies,
): string | undefined {
  const nearest = peer === undefined ? undefined : proxies.read(peer);
  if (nearest === undefined || forwardedFor === undefined || !proxies.isTrusted(nearest)) return peer;
  const client = farthestBelieved(nearest, forwardedFor, addressIn, proxies);
  if (forwarded === undefined) return client;
  return farthestBelieved(nearest, forwarded, addressInElement, proxies) === client ? client : undefined;
}

/** Goes from entry to entry, the last one first, without a look at more of the list than it needs. */
function farthestBelieved(
  peer: string,
  list: string,
  addressOf: (entry: string) => string | undefined,
  { read, isTrusted }: TrustedProxies,
): string {
  let believed = peer;
  let end = list.length;
  for (let seen = 0; seen < MAX_PROXIES; seen++) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
    const text = addressOf(list.slice(comma + 1, end));
    const address = text === undefined ? undefined : read(text);
    if (address === undefined) return believed;
    believed = address;
    if (comma === -1 || !isTrusted(address)) return believed;
    end = comma;
  }
  return believed;
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`, without what is not the address. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim();
  if (text.length > MAX_ENTRY_LENGTH) return undefined;
  const [, inBrackets] = IN_BRACKETS.exec(text) ?? [];
  const [, beforePort] = WITH_PORT.exec(text) ?? [];
  return inBrackets ?? beforePort ?? (BARE.test(text) ? text : undefined);
}

/** What `for` is in an element of `Forwarded`; an address with colons stands in quotes there. */
function addressInElement(element: string): string | undefined {
  for (const pair of element.split(';')) {
    const [, quoted, token] = FORWARDED_FOR.exec(pair.trim()) ?? [];
    const node = quoted ?? token;
    if (node !== undefined) return addressIn(node);
  }
  return undefined;
}
