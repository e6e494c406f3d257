import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { ConfigLayer } from '@parley/core/config';
import { type FieldIssue, ParleyError } from '@parley/core/errors';

/** Addresses that are not the internet: loopback, private, link-local (cloud metadata), carrier, multicast, reserved. */
const INNER = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
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
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  INNER.addSubnet(net, bits, 'ipv6');
}

/** Whether an address belongs to the own machine or network. */
export function isInnerAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return INNER.check(mapped, 'ipv4');
  const family = isIP(address);
  return family === 0 || INNER.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Makes the check of addresses that people enter in the console: with it nobody can have the hub talk to what only the
 * hub can reach (server-side request forgery). The configuration file is not checked: who writes it owns the machine.
 *
 * @param allowed true where the own network is wanted (`PARLEY_ALLOW_PRIVATE_URLS`): an Ollama beside the hub
 */
export function createReachableCheck(allowed: boolean, resolve = resolveAll) {
  return async (url: string, path: string): Promise<void> => {
    if (allowed) return;
    const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '');
    if (!host) return;
    const addresses = isIP(host) ? [host] : await resolve(host).catch(() => undefined);
    const problem =
      addresses === undefined || addresses.length === 0
        ? 'this host cannot be found'
        : addresses.some(isInnerAddress)
          ? 'is an address of the own network (PARLEY_ALLOW_PRIVATE_URLS=on allows them)'
          : undefined;
    if (problem)
      throw new ParleyError('invalid_request', `${path}: ${problem}`, { fields: [{ path, message: problem }] });
  };
}

/** The addresses in a document that are refused. */
export async function unreachable(
  document: ConfigLayer,
  assertReachable: (url: string, path: string) => Promise<void>,
): Promise<FieldIssue[]> {
  const channels = (document.channels ?? []).map((entry, index) => [
    `channels[${index}].api_base_url`,
    Reflect.get(entry, 'api_base_url'),
  ]);
  const models = (document.models ?? []).flatMap((entry, index) => {
    const endpoints: unknown = Reflect.get(entry, 'endpoints');
    return (Array.isArray(endpoints) ? endpoints : []).map((endpoint: unknown, position) => [
      `models[${index}].endpoints[${position}].base_url`,
      Reflect.get(Object(endpoint), 'base_url'),
    ]);
  });
  const found = await Promise.all(
    [...channels, ...models].map(async ([path, url]): Promise<readonly FieldIssue[]> => {
      if (typeof path !== 'string' || typeof url !== 'string') return [];
      return assertReachable(url, path).then(
        () => [],
        (error: unknown) => {
          if (error instanceof ParleyError && error.fields) return error.fields;
          throw error;
        },
      );
    }),
  );
  return found.flat();
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
