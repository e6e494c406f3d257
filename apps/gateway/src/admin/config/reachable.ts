import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ConfigLayer } from '@parley/core/config';
import { type FieldIssue, ParleyError } from '@parley/core/errors';
import { isInnerAddress } from '@parley/core/network';

/**
 * Makes the check of addresses that people enter in the console: with it nobody can have the hub talk to what only the
 * hub can reach (server-side request forgery). The configuration file is not checked: who writes it owns the machine.
 * What a name means may change after that: every connection is checked once more (`createNetwork` of core).
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
