import { BlockList, type IPVersion, isIP } from 'node:net';

/** Networks in CIDR notation, each parsed once. IPv4 addresses in IPv6 notation are what they stand for. */
export class Networks {
  readonly #lists = new Map<string, BlockList>();

  /** Whether an address is in a network; `undefined` for what is no address. */
  contains(network: string, address: string): boolean | undefined {
    const family = familyOf(address);
    return family === undefined ? undefined : this.#listOf(network).check(address, family);
  }

  #listOf(network: string): BlockList {
    const known = this.#lists.get(network);
    if (known !== undefined) return known;
    const list = new BlockList();
    const [base = '', prefix = ''] = network.split('/');
    const family = familyOf(base);
    if (family !== undefined) list.addSubnet(base, Number(prefix), family);
    this.#lists.set(network, list);
    return list;
  }
}

function familyOf(address: string): IPVersion | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}
