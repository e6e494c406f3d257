import type { ModelConfig, ProviderName } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import { createAnthropicProvider } from './anthropic.ts';
import { createClients } from './clients.ts';
import { createEchoProvider } from './echo.ts';
import { createOpenAiProvider } from './openai.ts';
import { createTransport } from './transport.ts';
import type { Provider } from './types.ts';
import { VENDORS } from './vendors.ts';

export interface ProvidersOptions {
  /** Open connections to one host at most, shared by all models and keys; further calls wait. Default 256. */
  connectionsPerHost?: number;
  /** SDK clients kept, one per endpoint and key; the least recently used goes. Default 500. */
  maxClients?: number;
}

export interface Providers {
  /**
   * The provider of a model. Cheap: all models of one kind share one provider.
   *
   * Throws `invalid_config` for a model that can never be called (no endpoint where the provider has no default).
   */
  providerFor(model: ModelConfig): Provider;
  /** Closes all connections. What is still in flight fails: abort or finish it before. */
  close(): Promise<void>;
}

/** All providers over one connection pool: one per process. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const transport = createTransport(options.connectionsPerHost ?? 256);
  const clients = createClients(transport, options.maxClients ?? 500);
  const openai = createOpenAiProvider(clients, transport.dispatcher);
  const providers: Record<ProviderName, Provider> = {
    openai,
    'azure-openai': openai,
    deepseek: openai,
    glm: openai,
    ollama: openai,
    'openai-compatible': openai,
    anthropic: createAnthropicProvider(clients),
    echo: createEchoProvider(),
  };
  return {
    providerFor(model) {
      if (VENDORS[model.provider].baseUrl === undefined && model.endpoints.length === 0 && model.provider !== 'echo') {
        throw new ParleyError(
          'invalid_config',
          `model ${model.id}: provider ${model.provider} needs an endpoint with a base_url`,
        );
      }
      return providers[model.provider];
    },
    close: () => transport.close(),
  };
}
