import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

/** The addresses that a name leads to now. */
export type AddressesOf = (hostname: string) => Promise<readonly string[]>;

/** This machine, and what only this machine or its network can reach: metadata of clouds above all. */
const NEVER = new BlockList();
NEVER.addSubnet('0.0.0.0', 8);
NEVER.addSubnet('127.0.0.0', 8);
NEVER.addSubnet('169.254.0.0', 16);
NEVER.addAddress('::', 'ipv6');
NEVER.addAddress('::1', 'ipv6');
NEVER.addSubnet('fe80::', 10, 'ipv6');
NEVER.addAddress('fd00:ec2::254', 'ipv6');

const addressesNow: AddressesOf = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * Looks a name up for a connection, and refuses it when any of its addresses is one that no name of another machine leads to: whoever
 * answers for the name could point it there after it was allowed. An address in the URL itself, and `localhost`, were allowed as such.
 *
 * The connection is made to the addresses that were looked at; the name is not asked for again in between.
 */
export function guardedLookup(addressesOf: AddressesOf = addressesNow): LookupFunction {
  return (hostname, options, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const forbidden = hostname === 'localhost' ? undefined : addresses.find(isForbidden);
        const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
        const [first] = found;
        if (forbidden !== undefined)
          callback(new Error(`${hostname} leads to ${forbidden}, which is no address of another machine`), '');
        else if (first === undefined) callback(new Error(`${hostname} has no address`), '');
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

function isForbidden(address: string): boolean {
  return NEVER.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
