import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are not the internet: loopback, private, link-local (cloud metadata), carrier, multicast, reserved, and
 * the ways to write an IPv4 address as one of IPv6. One looks public and is not: 168.63.129.16 is what Azure's machines
 * are told their secrets by.
 */
const INNER = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  INNER.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const) {
  INNER.addSubnet(net, bits, 'ipv6');
}

/** Whether an address belongs to the own machine or network. What is no address counts as one. */
export function isInnerAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return INNER.check(mapped, 'ipv4');
  const family = isIP(address);
  return family === 0 || INNER.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
