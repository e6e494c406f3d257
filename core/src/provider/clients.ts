import Anthropic from '@anthropic-ai/sdk';
import { LRUCache } from 'lru-cache';
import OpenAI, { AzureOpenAI } from 'openai';
import { azureTarget } from './azure.ts';
import type { Place } from './place.ts';
import type { Transport } from './transport.ts';

/** SDK clients by endpoint and key. They hold keys, so they never leave this folder. */
export interface Clients {
  openai(place: Place): OpenAI;
  anthropic(place: Place): Anthropic;
}

/** Longer than any `timeout_seconds`, so that it is always the watchdog that gives up, with the right error. */
const SDK_TIMEOUT_MS = 15 * 60_000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export function createClients(transport: Transport, maxClients: number): Clients {
  // Everything is given explicitly: what is left out, the SDKs read from the environment (base URL, organization, log
  // level). Their log would go to the console and holds pieces of answers. Retries are the caller's.
  const common = {
    fetch: transport.fetch,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off' as const,
    logger: silent,
  };
  const openai = new LRUCache<string, OpenAI>({ max: maxClients });
  const anthropic = new LRUCache<string, Anthropic>({ max: maxClients });

  function makeOpenAi({ provider, baseUrl, apiKey }: Place): OpenAI {
    const options = { ...common, adminAPIKey: null, organization: null, project: null, webhookSecret: null };
    const target = provider === 'azure-openai' ? azureTarget(baseUrl) : { baseUrl };
    if (target.apiVersion !== undefined) {
      const { baseUrl: baseURL, apiVersion } = target;
      return new AzureOpenAI({ ...options, apiKey: apiKey ?? '', baseURL, apiVersion });
    }
    // The SDK insists on some key; without one the header is taken out again.
    return apiKey === undefined
      ? new OpenAI({ ...options, apiKey: 'none', baseURL: baseUrl, defaultHeaders: { Authorization: null } })
      : new OpenAI({ ...options, apiKey, baseURL: target.baseUrl });
  }

  return {
    openai: (place) => remember(openai, place, () => makeOpenAi(place)),
    anthropic: (place) =>
      remember(anthropic, place, () => {
        const { baseUrl, apiKey = '' } = place;
        return new Anthropic({ ...common, apiKey, baseURL: baseUrl, webhookKey: null });
      }),
  };
}

function remember<Client extends object>(
  cache: LRUCache<string, Client>,
  { provider, baseUrl, apiKey }: Place,
  make: () => Client,
): Client {
  const id = JSON.stringify([provider, baseUrl, apiKey]);
  const known = cache.get(id);
  if (known !== undefined) return known;
  const client = make();
  cache.set(id, client);
  return client;
}
