import { type Channels, channelsFromEnvironment } from './environment-channels.ts';
import { modelsFromEnvironment } from './environment-models.ts';
import type { Environment } from './interpolate.ts';
import { formatPath } from './issues.ts';
import type { ConfigResult } from './parse.ts';
import { validateConfig } from './validate.ts';

const QUICK_START = [
  ...['APP_ID', 'APP_SECRET', 'ENCRYPT_KEY', 'VERIFICATION_TOKEN', 'API_BASE_URL'].map((name) => `FEISHU_${name}`),
  ...['BOT_TOKEN', 'WEBHOOK_SECRET', 'API_BASE_URL'].map((name) => `TELEGRAM_${name}`),
  ...['BOT_TOKEN', 'SIGNING_SECRET', 'APP_TOKEN', 'API_BASE_URL'].map((name) => `SLACK_${name}`),
  ...[
    'OPENAI_API_KEY',
    'ANTHROPIC_API_KEY',
    'DEEPSEEK_API_KEY',
    'MODEL_TYPE',
    'MODEL_NAME',
    'MODEL_BASE_URL',
    'API_KEY',
  ],
];
const NUMBERED_KEY = /^OPENAI_KEY_\d+$/;

/** What one part of the environment makes, and which variable each value came from (by formatted path). */
export interface FromEnvironment<Item> {
  items: Item[];
  /** Of each item: key path inside the item → variable, for messages that name what the person has set. */
  variables: Record<string, string>[];
  issues: { path: string; message: string }[];
}

/**
 * The quick start without a file: bots and models from single environment variables, all in tenant `default`. Empty
 * variables count as unset. Issues name the variable. Without any model the built-in `echo` model answers.
 */
export function environmentConfig(env: Environment): ConfigResult {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const channels: Channels = channelsFromEnvironment(set);
  const models = modelsFromEnvironment(set);
  const missing = [...channels.issues, ...models.issues];
  const validated = validateConfig({
    version: 1,
    tenants: [{ id: 'default', models: models.items.map((model) => model.id) }],
    channels: channels.items.map((channel) => ({ ...channel, tenant: 'default' })),
    models: models.items,
  });
  if (validated.ok && missing.length === 0) return { ok: true, config: validated.config };

  const malformed = (validated.ok ? [] : validated.issues).map(({ path, message }) => {
    const [section, index, ...rest] = path;
    const source = section === 'channels' ? channels : models;
    return { path: source.variables[Number(index)]?.[formatPath(rest)] ?? formatPath(path), message };
  });
  return { ok: false, issues: [...missing, ...malformed] };
}

/** The quick start's variables that are set: with a configuration file they have no effect unless it names them. */
export function quickStartVariables(env: Environment): string[] {
  const numbered = Object.keys(env)
    .filter((name) => NUMBERED_KEY.test(name))
    .sort();
  return [...QUICK_START, ...numbered].filter((name) => env[name]?.trim());
}
