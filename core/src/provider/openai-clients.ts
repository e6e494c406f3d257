import OpenAI, { AzureOpenAI } from 'openai';
import { azureTarget } from './azure.ts';
import { clientOptions, rememberClients } from './clients.ts';
import type { Place } from './place.ts';
import type { Transport } from './transport.ts';

export interface OpenAiClients {
  openai(place: Place): OpenAI;
}

export function createOpenAiClients(transport: Transport, maxClients: number): OpenAiClients {
  function make(place: Place): OpenAI {
    const { provider, baseUrl, apiKey } = place;
    const options = {
      ...clientOptions(transport, place),
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
    };
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

  return { openai: rememberClients(maxClients, make) };
}
