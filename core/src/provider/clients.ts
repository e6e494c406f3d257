import { LRUCache } from 'lru-cache';
import type { Place } from './place.ts';
import type { Transport } from './transport.ts';

/** Longer than any `timeout_seconds`, so that it is always the watchdog that gives up, with the right error. */
const SDK_TIMEOUT_MS = 15 * 60_000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * What the client of every SDK is given. Everything is said explicitly: what is left out, the SDKs read from the
 * environment (base URL, organization, log level). Their log would go to the console and holds pieces of answers.
 * Retries are the caller's.
 */
export function clientOptions({ fetch, checkedFetch }: Transport, { isChecked }: Place) {
  return {
    fetch: isChecked ? checkedFetch : fetch,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off' as const,
    logger: silent,
  };
}

/** SDK clients by endpoint, key and network. They hold keys, so they never leave this folder. */
export function rememberClients<Client extends object>(
  maxClients: number,
  make: (place: Place) => Client,
): (place: Place) => Client {
  const clients = new LRUCache<string, Client>({ max: maxClients });
  return (place) => {
    const { provider, baseUrl, apiKey, isChecked } = place;
    const id = JSON.stringify([provider, baseUrl, apiKey, isChecked]);
    const known = clients.get(id);
    if (known !== undefined) return known;
    const client = make(place);
    clients.set(id, client);
    return client;
  };
}
