import type { FromEnvironment } from './environment.ts';
import type { Environment } from './interpolate.ts';

export type Channels = FromEnvironment<Record<string, unknown>>;

interface Bot {
  id: string;
  /** Start of all its variables' names. */
  prefix: string;
  required: string[];
  optional: string[];
  transport: (has: (suffix: string) => boolean) => string;
}

/** The transport that works with what is there: a webhook needs its secret, the others need no public address. */
const BOTS: Bot[] = [
  {
    id: 'feishu',
    prefix: 'FEISHU_',
    required: ['APP_ID', 'APP_SECRET'],
    optional: ['ENCRYPT_KEY', 'VERIFICATION_TOKEN'],
    transport: (has) => (has('ENCRYPT_KEY') || has('VERIFICATION_TOKEN') ? 'webhook' : 'socket'),
  },
  {
    id: 'telegram',
    prefix: 'TELEGRAM_',
    required: ['BOT_TOKEN'],
    optional: ['WEBHOOK_SECRET'],
    transport: (has) => (has('WEBHOOK_SECRET') ? 'webhook' : 'polling'),
  },
  {
    id: 'slack',
    prefix: 'SLACK_',
    required: ['BOT_TOKEN'],
    optional: ['SIGNING_SECRET', 'APP_TOKEN'],
    transport: (has) => (has('APP_TOKEN') ? 'socket' : 'webhook'),
  },
];

/** One channel for each platform of which any variable is set; `env` holds set variables only. */
export function channelsFromEnvironment(env: Environment): Channels {
  const channels: Channels = { items: [], variables: [], issues: [] };
  for (const bot of BOTS) addBot(bot, env, channels);
  return channels;
}

function addBot(bot: Bot, env: Environment, channels: Channels): void {
  const credentials = [...bot.required, ...bot.optional];
  const names = [...credentials, 'API_BASE_URL'].map((suffix) => bot.prefix + suffix);
  const present = names.filter((name) => env[name] !== undefined);
  if (present.length === 0) return;

  const has = (suffix: string): boolean => env[bot.prefix + suffix] !== undefined;
  const missing = bot.required.filter((suffix) => !has(suffix)).map((suffix) => bot.prefix + suffix);
  if (bot.id === 'slack' && !has('SIGNING_SECRET') && !has('APP_TOKEN')) {
    missing.push('SLACK_SIGNING_SECRET (for webhooks) or SLACK_APP_TOKEN (for socket mode)');
  }
  for (const name of missing) {
    channels.issues.push({
      path: name.split(' ')[0] ?? name,
      message: `${name} is missing: ${present.join(', ')} is set`,
    });
  }
  if (missing.length > 0) return;

  const used = credentials.filter(has);
  const baseUrl = env[`${bot.prefix}API_BASE_URL`];
  channels.items.push({
    id: bot.id,
    platform: bot.id,
    transport: bot.transport(has),
    credentials: Object.fromEntries(used.map((suffix) => [suffix.toLowerCase(), env[bot.prefix + suffix]])),
    ...(baseUrl === undefined ? {} : { api_base_url: baseUrl }),
  });
  channels.variables.push({
    ...Object.fromEntries(used.map((suffix) => [`credentials.${suffix.toLowerCase()}`, bot.prefix + suffix])),
    api_base_url: `${bot.prefix}API_BASE_URL`,
  });
}
