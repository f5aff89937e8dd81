import { BlockList, isIP } from 'node:net';

// RFC 6890 and the registries it names: what no receiver on the Internet ever sees as a sender.
const reserved = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  reserved.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  reserved.addSubnet(network, bits, 'ipv6');

/** Whether an address belongs to no host of the Internet. */
export function isReservedAddress(ip: string): boolean {
  return reserved.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}
