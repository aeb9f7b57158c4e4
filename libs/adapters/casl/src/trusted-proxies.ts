import { BlockList, isIP, SocketAddress } from 'node:net';
import type { TrustedProxies } from '#domain/access';
import { addNetwork, familyOf } from './networks.ts';

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/** Proxies by the networks that they are in; `undefined` where there are none. @param networks in CIDR notation, or addresses. */
export function trustedProxies(networks: readonly string[]): TrustedProxies | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return { read: readAddress, isTrusted: (address) => list.check(address, familyOf(address)) };
}

/** One text for each address, however it is written. */
function readAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version === 0) return undefined;
  if (version === 4) return text;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const [, ipv4] = IPV4_IN_IPV6.exec(address) ?? [];
  return ipv4 ?? address;
}
