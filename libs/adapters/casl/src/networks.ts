import { BlockList, type IPVersion, isIP } from 'node:net';

/** Networks in CIDR notation, each parsed once. IPv4 addresses in IPv6 notation are what they stand for. */
export class Networks {
  readonly #lists = new Map<string, BlockList>();

  /** Whether an address is in a network; `undefined` for what is no address. */
  contains(network: string, address: string): boolean | undefined {
    return isIP(address) === 0 ? undefined : this.#listOf(network).check(address, familyOf(address));
  }

  #listOf(network: string): BlockList {
    const known = this.#lists.get(network);
    if (known !== undefined) return known;
    const list = new BlockList();
    addNetwork(list, network);
    this.#lists.set(network, list);
    return list;
  }
}

/** Adds a network in CIDR notation, or one address; what is neither adds nothing. */
export function addNetwork(list: BlockList, network: string): void {
  const [base = '', prefix] = network.split('/');
  if (isIP(base) === 0) return;
  if (prefix === undefined) list.addAddress(base, familyOf(base));
  else list.addSubnet(base, Number(prefix), familyOf(base));
}

/** @param address that is one. */
export function familyOf(address: string): IPVersion {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
