/**
 * Tells addresses of the public internet from all others: this machine, the networks around it, and
 * what leads there by another name.
 */
import { BlockList, isIPv4 } from 'node:net';

/** IPv4 networks that are not of the public internet: the IANA special-purpose registry. */
const specialIPv4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by a carrier's customers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and the metadata services of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays from IPv6
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const;

/** Global unicast: everything public in IPv6 lies here. */
const globalIPv6 = networks('ipv6', [['2000::', 3]]);

/** What in it is not public, or wraps an IPv4 address. */
const specialIPv6 = networks('ipv6', [
  ['2001::', 23], // protocol assignments, among them Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3fff::', 20], // documentation
]);

const notPublicIPv4 = networks('ipv4', specialIPv4);

/**
 * Whether an IP address is anything but public: loopback, private, link-local, unique-local,
 * multicast, unspecified, reserved, an IPv4 address inside an IPv6 one. What is no address counts as
 * private too.
 */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return notPublicIPv4.check(address, 'ipv4');
  const [bare = ''] = address.split('%');
  return !globalIPv6.check(bare, 'ipv6') || specialIPv6.check(bare, 'ipv6');
}

function networks(
  family: 'ipv4' | 'ipv6',
  ranges: readonly (readonly [network: string, prefix: number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
