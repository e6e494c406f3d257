import type { ModelConfig, ProviderName } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import { createEchoProvider } from './echo.ts';
import { type LazyProvider, lazyProvider } from './lazy.ts';
import type { Transport } from './transport.ts';
import type { Provider } from './types.ts';
import { VENDORS } from './vendors.ts';

export interface ProvidersOptions {
  /** Open connections to one host at most, shared by all models and keys; further calls wait. Default 256. */
  connectionsPerHost?: number;
  /** SDK clients kept, one per endpoint and key; the least recently used goes. Default 500. */
  maxClients?: number;
  /** Whether a model's addresses came from the console: then no connection into the own network is made. Default: no. */
  isChecked?: (model: ModelConfig) => boolean;
}

export interface Providers {
  /**
   * The provider of a model. Cheap: all models of one kind share one provider.
   *
   * Throws `invalid_config` for a model that can never be called (no endpoint where the provider has no default).
   */
  providerFor(model: ModelConfig): Provider;
  /** Loads what these models need, so that the first question does not wait for it. */
  load(models: readonly ModelConfig[]): Promise<void>;
  /** Closes all connections. What is still in flight fails: abort or finish it before. */
  close(): Promise<void>;
}

/** All providers over one connection pool: one per process. The SDKs are loaded here and nowhere else, when asked for. */
export function createProviders(options: ProvidersOptions = {}): Providers {
  const { connectionsPerHost = 256, maxClients = 500, isChecked = () => false } = options;
  let transport: Promise<Transport> | undefined;
  async function openTransport(): Promise<Transport> {
    const { createTransport } = await import('./transport.ts');
    return createTransport(connectionsPerHost);
  }
  const openai = lazyProvider(async () => {
    transport ??= openTransport();
    const { createOpenAiProvider } = await import('./openai.ts');
    const { createOpenAiClients } = await import('./openai-clients.ts');
    const pooled = await transport;
    return createOpenAiProvider(createOpenAiClients(pooled, maxClients), pooled);
  });
  const anthropic = lazyProvider(async () => {
    transport ??= openTransport();
    const { createAnthropicProvider } = await import('./anthropic.ts');
    const { createAnthropicClients } = await import('./anthropic-clients.ts');
    return createAnthropicProvider(createAnthropicClients(await transport, maxClients));
  });
  const providers: Record<ProviderName, Provider | LazyProvider> = {
    openai,
    'azure-openai': openai,
    deepseek: openai,
    glm: openai,
    ollama: openai,
    'openai-compatible': openai,
    anthropic,
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
      const provider = providers[model.provider];
      return isChecked(model) ? checked(provider) : provider;
    },
    async load(models) {
      const needed = new Set(models.map(({ provider }) => providers[provider]));
      await Promise.all([...needed].map(async (provider) => 'load' in provider && provider.load()));
    },
    close: async () => (await transport)?.close(),
  };
}

function checked({ stream }: Provider): Provider {
  return { stream: (request, call) => stream(request, { ...call, isChecked: true }) };
}
