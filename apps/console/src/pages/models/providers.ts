import type { Provider } from '../../api/types.ts';

interface ProviderFacts {
  name: string;
  needsKey: boolean;
  needsEndpoint: boolean;
  /** What its models are called, as a suggestion. */
  example: string;
  endpoint: string;
}

/** What a form has to ask for each provider (core/src/config/requirements.ts). */
export const PROVIDER_FACTS: Record<Provider, ProviderFacts> = {
  openai: {
    name: 'OpenAI',
    needsKey: true,
    needsEndpoint: false,
    example: 'gpt-4o-mini',
    endpoint: 'https://api.openai.com/v1',
  },
  anthropic: {
    name: 'Anthropic',
    needsKey: true,
    needsEndpoint: false,
    example: 'claude-sonnet-4-5',
    endpoint: 'https://api.anthropic.com',
  },
  deepseek: {
    name: 'DeepSeek',
    needsKey: true,
    needsEndpoint: false,
    example: 'deepseek-chat',
    endpoint: 'https://api.deepseek.com',
  },
  glm: {
    name: 'GLM (Zhipu)',
    needsKey: true,
    needsEndpoint: false,
    example: 'glm-4-flash',
    endpoint: 'https://open.bigmodel.cn/api/paas/v4',
  },
  ollama: {
    name: 'Ollama',
    needsKey: false,
    needsEndpoint: false,
    example: 'llama3.2',
    endpoint: 'http://127.0.0.1:11434/v1',
  },
  'azure-openai': {
    name: 'Azure OpenAI',
    needsKey: true,
    needsEndpoint: true,
    example: 'gpt-4o',
    endpoint: 'https://NAME.openai.azure.com/openai/v1',
  },
  'openai-compatible': {
    name: 'OpenAI-compatible',
    needsKey: false,
    needsEndpoint: true,
    example: 'qwen-plus',
    endpoint: 'https://…/v1',
  },
  echo: { name: 'Echo', needsKey: false, needsEndpoint: false, example: '', endpoint: '' },
};

export const PROVIDERS = Object.keys(PROVIDER_FACTS) as Provider[];
