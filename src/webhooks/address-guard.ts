import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressKey } from '../net/dns/index.ts';

/** Whether a request may go to an address; `allowed`: only because the configuration names it. */
export type AddressVerdict = 'public' | 'allowed' | 'refused';

export type AddressGuard = (address: string) => AddressVerdict;

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890): whatever is not "globally reachable", and multicast.
const refusedV4 = [
  '0.0.0.0/8', // this network: 0.0.0.0 reaches the machine itself
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598); metadata of one cloud is 100.100.100.200
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local; metadata of most clouds is 169.254.169.254
  '172.16.0.0/12',
  '192.0.0.0/24', // protocol assignments; metadata of one cloud is 192.0.0.192
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24', // 6to4 relays (RFC 7526)
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4', // and 255.255.255.255
  '168.63.129.16/32', // looks public: the host side of virtual machines in one cloud
];
// RFC 4291 §2.4: global unicast is what was given out of 2000::/3; all else is refused, so loopback, ULA (fc00::/7),
// link-local (fe80::/10), multicast and `::` need no line.
const globalV6 = '2000::/3';
const refusedV6 = [
  '2001::/23', // protocol assignments; Teredo carries an IPv4 address (RFC 4380)
  '2001:db8::/32',
  '2002::/16', // 6to4 carries an IPv4 address (RFC 3056)
  '3fff::/20',
];
// An IPv4 address in the last 32 bits decides: mapped, translated (RFC 6052 §2.1).
const carriesV4 = ['::ffff:0:0/96', '64:ff9b::/96'];

/** Refuses what is not on the public internet, but for the ranges (CIDR) that are allowed. */
export function createAddressGuard(allowPrivate: readonly string[]): AddressGuard {
  const allowed = rangesOf(allowPrivate);
  const refused = rangesOf([...refusedV4, ...refusedV6]);
  const global = rangesOf([globalV6]);
  const carrying = rangesOf(carriesV4);
  const judge = (address: string): AddressVerdict => {
    if (holds(allowed, address)) return 'allowed';
    if (isIPv6(address)) {
      if (holds(carrying, address)) return judge(lastV4(address));
      return holds(global, address) && !holds(refused, address) ? 'public' : 'refused';
    }
    return holds(refused, address) ? 'refused' : 'public';
  };
  // A zone (`fe80::1%eth0`) names an interface of this machine.
  return (address) => (isIP(address) === 0 || address.includes('%') ? 'refused' : judge(address));
}

/** One list a family: a range of the other must never be asked about an address. */
type Ranges = { readonly v4: BlockList; readonly v6: BlockList };

function rangesOf(ranges: readonly string[]): Ranges {
  const lists: Ranges = { v4: new BlockList(), v6: new BlockList() };
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    if (isIPv6(network)) lists.v6.addSubnet(network, Number(bits), 'ipv6');
    else lists.v4.addSubnet(network, Number(bits), 'ipv4');
  }
  return lists;
}

function holds({ v4, v6 }: Ranges, address: string): boolean {
  return isIPv6(address) ? v6.check(address, 'ipv6') : v4.check(address, 'ipv4');
}

function lastV4(address: string): string {
  const digits = addressKey(address).replaceAll(':', '').slice(-8);
  const octets = [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
  return octets.join('.');
}
