import type { FromEnvironment } from './environment.ts';
import type { Environment } from './interpolate.ts';
import { PROVIDERS, type ProviderName } from './schema.ts';
import { didYouMean } from './suggest.ts';

interface QuickModel {
  id: string;
  provider: ProviderName;
  model: string;
  keys: string[];
  endpoints: { base_url: string }[];
}

export type Models = FromEnvironment<QuickModel>;

/**
 * What a provider's key alone stands for: a small, current, cheap model. OpenAI's and Anthropic's as the pinned SDKs
 * list them; DeepSeek retired `deepseek-chat` on 2026-07-24. No entry: there is no sensible guess.
 */
const DEFAULT_MODELS: Partial<Record<ProviderName, string>> = {
  openai: 'gpt-5.4-mini',
  anthropic: 'claude-haiku-5-5',
  deepseek: 'deepseek-v4-flash',
  glm: 'glm-4.7-flash',
  ollama: 'llama3.2',
  echo: 'echo',
};
const WITHOUT_KEY: readonly string[] = ['ollama', 'openai-compatible', 'echo'];
const WITH_BASE_URL: readonly string[] = ['openai-compatible', 'azure-openai'];

/** The models of the quick start, in order of preference: the explicit MODEL_TYPE first. `env` holds set variables only. */
export function modelsFromEnvironment(env: Environment): Models {
  const models: Models = { items: [], variables: [], issues: [] };
  addModelType(env, models);
  const openaiKeys = numbered(env).map((name) => ({ name, value: env[name] ?? '' }));
  if (env.OPENAI_API_KEY !== undefined) openaiKeys.unshift({ name: 'OPENAI_API_KEY', value: env.OPENAI_API_KEY });
  addKeys(models, 'openai', openaiKeys);
  for (const provider of ['anthropic', 'deepseek'] as const) {
    const name = `${provider.toUpperCase()}_API_KEY`;
    const value = env[name];
    if (value !== undefined) addKeys(models, provider, [{ name, value }]);
  }
  if (models.items.length === 0 && models.issues.length === 0) {
    models.items.push({ id: 'echo', provider: 'echo', model: 'echo', keys: [], endpoints: [] });
  }
  return models;
}

/** OPENAI_KEY_1, OPENAI_KEY_2, … in the order of their numbers. */
function numbered(env: Environment): string[] {
  const number = (name: string): number => Number(name.slice('OPENAI_KEY_'.length));
  return Object.keys(env)
    .filter((name) => /^OPENAI_KEY_\d+$/.test(name))
    .sort((a, b) => number(a) - number(b));
}

function addKeys(models: Models, provider: ProviderName, keys: { name: string; value: string }[]): void {
  if (keys.length === 0) return;
  const model = DEFAULT_MODELS[provider] ?? provider;
  const values = [...new Set(keys.map(({ value }) => value))];
  models.items.push({ id: freeId(models, model, provider), provider, model, keys: values, endpoints: [] });
  models.variables.push({ keys: keys.map(({ name }) => name).join(', ') });
}

function addModelType(env: Environment, models: Models): void {
  const related = ['MODEL_TYPE', 'MODEL_NAME', 'MODEL_BASE_URL', 'API_KEY'].filter((name) => env[name] !== undefined);
  if (related.length === 0) return;
  const type = env.MODEL_TYPE?.toLowerCase();
  const missing = (name: string): void => {
    const reason = type === undefined ? `${related.join(', ')} is set` : `MODEL_TYPE is ${type}`;
    models.issues.push({ path: name, message: `${name} is missing: ${reason}` });
  };
  if (type === undefined) {
    missing('MODEL_TYPE');
    return;
  }
  const provider = PROVIDERS.find((name) => name === type);
  if (provider === undefined) {
    const message = `expected one of ${PROVIDERS.join(', ')}${didYouMean(type, PROVIDERS)}`;
    models.issues.push({ path: 'MODEL_TYPE', message });
    return;
  }
  const model = env.MODEL_NAME ?? DEFAULT_MODELS[provider];
  const needsUrl = WITH_BASE_URL.includes(provider) && env.MODEL_BASE_URL === undefined;
  const needsKey = !WITHOUT_KEY.includes(provider) && env.API_KEY === undefined;
  if (needsUrl) missing('MODEL_BASE_URL');
  if (needsKey) missing('API_KEY');
  if (model === undefined) missing('MODEL_NAME');
  if (needsUrl || needsKey || model === undefined) return;
  models.items.push({
    id: freeId(models, model, provider),
    provider,
    model,
    keys: env.API_KEY === undefined ? [] : [env.API_KEY],
    endpoints: env.MODEL_BASE_URL === undefined ? [] : [{ base_url: env.MODEL_BASE_URL }],
  });
  models.variables.push({ 'endpoints[0].base_url': 'MODEL_BASE_URL', model: 'MODEL_NAME', id: 'MODEL_NAME' });
}

/** The upstream's name as an id (`Qwen/Qwen3:8b` → `Qwen-Qwen3-8b`), told apart by the provider where it is taken. */
function freeId(models: Models, model: string, provider: string): string {
  const id = model
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 48);
  return id === '' || models.items.some((item) => item.id === id) ? `${provider}-${id || 'model'}` : id;
}
