import Anthropic from '@anthropic-ai/sdk';
import { clientOptions, rememberClients } from './clients.ts';
import type { Place } from './place.ts';
import type { Transport } from './transport.ts';

export interface AnthropicClients {
  anthropic(place: Place): Anthropic;
}

export function createAnthropicClients(transport: Transport, maxClients: number): AnthropicClients {
  const make = (place: Place) => {
    const { baseUrl, apiKey = '' } = place;
    return new Anthropic({ ...clientOptions(transport, place), webhookKey: null, apiKey, baseURL: baseUrl });
  };
  return { anthropic: rememberClients(maxClients, make) };
}
