import { z } from 'zod';
import { PLATFORMS } from '../message/index.ts';

/**
 * The configuration file's shape: the one place where a key exists. Every object is strict, so a key that is not here
 * is an error. Keys are snake_case because people write them; the code reads them as they are.
 * Docs: docs/configuration.md (a test compares the two).
 */

/** Ids stand in URLs, Redis keys and metrics: short, plain, and not mistaken for anything else. */
const id = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/,
    'expected 1–64 characters of A–Z a–z 0–9 . _ - that start with a letter or digit',
  );
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
  // URLs are shown and logged, so they must not be a place for secrets.
  .refine(
    (url) => !URL.parse(url)?.username && !URL.parse(url)?.password,
    'expected a URL without a user name or password',
  );
const positive = z.number().int().positive();
const text = z.string().min(1, 'expected some text').max(20_000);

/** Requests, and tokens (input and output together), of one whole window. */
const limitWindows = z.strictObject({
  minute: positive.optional(),
  hour: positive.optional(),
  day: positive.optional(),
  tokens_minute: positive.optional(),
  tokens_hour: positive.optional(),
  tokens_day: positive.optional(),
});

const days = positive.max(3650);
const region = z.string().min(1).max(64);
const timezone = z.string().refine(isTimeZone, 'expected an IANA time zone such as Asia/Shanghai');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** Most turns that a session may keep. */
export const SESSION_TURNS_MAX = 200;

export const sessionSchema = z.strictObject({
  scope: z.enum(['chat', 'thread', 'user']).default('chat'),
  turns: z.number().int().min(0).max(SESSION_TURNS_MAX).default(5),
  ttl_seconds: positive.max(30 * 86_400).default(1800),
});

export const tenantSchema = z.strictObject({
  id,
  name: z.string().min(1).max(200).optional(),
  models: z.array(id).default([]),
  system_prompt: z.string().max(100_000).default(''),
  session: sessionSchema.prefault({}),
  limits: limitWindows.optional(),
  user_limits: limitWindows.optional(),
  model_limits: z.record(id, limitWindows).optional(),
  platform_limits: z.partialRecord(z.enum([...PLATFORMS, 'api']), limitWindows).optional(),
  /** Each group chat by itself. */
  group_limits: limitWindows.optional(),
  /** Where the tenant's days and months begin. */
  timezone: timezone.default('UTC'),
  budget: z
    .strictObject({
      monthly_usd: z.number().positive(),
      user_monthly_usd: z.number().positive().optional(),
      warn_at: z.array(z.number().gt(0).lt(1)).max(10).default([]),
      on_exceeded: z.enum(['block', 'downgrade']).default('block'),
      downgrade_to: id.optional(),
    })
    .optional(),
  /** More for a while: limits of tenant, users, groups and platforms times a factor, and a larger monthly budget. */
  raise: z
    .strictObject({
      until: z.iso.datetime({ offset: true }),
      factor: z.number().gt(1).max(1000).optional(),
      budget_usd: z.number().positive().max(1_000_000).optional(),
    })
    .optional(),
  short_query: z.strictObject({ max_characters: positive, model: id }).optional(),
  cache: z.strictObject({ ttl_seconds: positive.max(30 * 86_400).default(3600) }).optional(),
  /** Where warnings about budget, anomalies and keys go. */
  admin_chat: z.strictObject({ channel: id, chat: z.string().min(1).max(200) }).optional(),
  /** Tokens of one user or key in an hour, against the mean of their own last days. */
  anomaly: z
    .strictObject({ factor: z.number().min(2).max(1000).default(10), min_tokens: positive.default(50_000) })
    .optional(),
  /** Only endpoints in these regions; empty: all. */
  regions: z.array(region).max(50).default([]),
  /** Whether another model is asked when one's content filter refuses. */
  fallback_when_filtered: z.boolean().default(false),
  transcripts: z.strictObject({ keep: z.boolean().default(true), days: days.default(30) }).prefault({}),
  audit: z.strictObject({ days: days.default(30) }).prefault({}),
  /** Turns with their timelines, and what was said in them. */
  turns: z.strictObject({ days: days.default(400) }).prefault({}),
  /** What every question cost. Budgets of a month are rebuilt from it. */
  ledger: z.strictObject({ days: days.min(62).default(800) }).prefault({}),
  /** Puts the masked question into the log line. */
  log_prompts: z.boolean().default(false),
});

export const triggersSchema = z.strictObject({
  direct: z.enum(['always', 'command', 'never']).default('always'),
  group: z.enum(['mention', 'command', 'always', 'never']).default('mention'),
  commands: z
    .array(z.string().regex(/^\/[a-z0-9_]{1,32}$/, 'expected a command such as /ai'))
    .max(50)
    .default(['/ai']),
  allow_chats: z.array(z.string().min(1)).max(10_000).default([]),
  deny_users: z.array(z.string().min(1)).max(10_000).default([]),
});

const secret = z.string().min(1, 'expected a value');

export const feishuCredentials = z.strictObject({
  app_id: secret,
  app_secret: secret,
  encrypt_key: secret.optional(),
  verification_token: secret.optional(),
});
export const slackCredentials = z.strictObject({
  bot_token: secret,
  signing_secret: secret.optional(),
  app_token: secret.optional(),
});
export const telegramCredentials = z.strictObject({
  bot_token: z.string().regex(/^\d+:[\w-]+$/, 'expected a bot token such as 123456:ABC…'),
  webhook_secret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,256}$/, 'expected 1–256 characters of A–Z a–z 0–9 _ -')
    .optional(),
});

const channelBase = {
  id,
  tenant: id,
  api_base_url: httpUrl.optional(),
  triggers: triggersSchema.prefault({}),
  streaming: z.boolean().default(true),
  overlap: z.enum(['queue', 'merge', 'interrupt']).default('queue'),
  debounce_ms: z.number().int().min(0).max(10_000).default(0),
};

export const channelSchema = z.discriminatedUnion('platform', [
  z.strictObject({
    ...channelBase,
    platform: z.literal('feishu'),
    transport: z.enum(['webhook', 'socket']).default('webhook'),
    credentials: feishuCredentials,
  }),
  z.strictObject({
    ...channelBase,
    platform: z.literal('slack'),
    transport: z.enum(['webhook', 'socket']).default('webhook'),
    credentials: slackCredentials,
  }),
  z.strictObject({
    ...channelBase,
    platform: z.literal('telegram'),
    transport: z.enum(['webhook', 'polling']).default('webhook'),
    credentials: telegramCredentials,
  }),
]);

export const PROVIDERS = [
  'openai',
  'azure-openai',
  'anthropic',
  'deepseek',
  'glm',
  'ollama',
  'openai-compatible',
  'echo',
] as const;

const usd = z.number().min(0).max(1_000_000);
/** USD per million tokens. `cached_input`: read from the provider's cache; `cache_write`: written to it. */
const rates = { input: usd, output: usd, cached_input: usd.optional(), cache_write: usd.optional() };

export const modelSchema = z.strictObject({
  id,
  provider: z.enum(PROVIDERS),
  model: z.string().min(1).max(200).optional(),
  endpoints: z
    .array(z.strictObject({ base_url: httpUrl, region: region.optional() }))
    .max(20)
    .default([]),
  keys: z.array(secret).max(100).default([]),
  price: z
    .strictObject({
      ...rates,
      /** Dearer rates for requests with at least so many input tokens. */
      tiers: z
        .array(z.strictObject({ from_input_tokens: positive, ...rates }))
        .max(10)
        .optional(),
    })
    .optional(),
  /** Requests of all processes under way at one endpoint; further ones wait, the tenants by turns. */
  max_concurrency: positive.max(100_000).default(256),
  timeout_seconds: z.number().positive().max(600).default(30),
  max_output_tokens: positive.max(1_000_000).default(1024),
  context_tokens: positive.max(10_000_000).optional(),
});

const words = z.array(text).min(1).max(100_000);
export const ruleSchema = z.strictObject({
  tenant: id,
  match: z.union(
    [
      z.strictObject({ exact: words }),
      z.strictObject({ prefix: words }),
      z.strictObject({ regex: text.max(1000) }),
      z.strictObject({ keywords: words }),
    ],
    { error: 'expected exactly one of exact, prefix, regex, keywords' },
  ),
  /** Exactly one of these says what happens. */
  reply: text.optional(),
  model: id.optional(),
  ignore: z.literal(true).optional(),
});

export const guardSchema = z.strictObject({
  tenant: id,
  mask: z.array(z.enum(['credit_card', 'cn_id_card', 'cn_mobile', 'us_ssn', 'email', 'iban', 'secret'])).default([]),
  patterns: z
    .array(z.strictObject({ name: id, regex: text.max(1000) }))
    .max(100)
    .default([]),
  block_keywords: z.array(text).max(100_000).default([]),
  /** Words that become `***` on input and output. */
  replace_keywords: z.array(text).max(100_000).default([]),
  /** What looks like a prompt injection or jailbreak: noted in the timeline, refused, or not looked for. */
  injection: z.enum(['flag', 'refuse', 'off']).default('flag'),
  /** Only counts what it would mask, refuse or replace. */
  dry_run: z.boolean().default(false),
});

export const API_SCOPES = ['chat', 'models', 'quota', 'tokens'] as const;

export const apiKeySchema = z.strictObject({
  id,
  tenant: id,
  key: z.string().min(16, 'expected at least 16 characters').max(512),
  limits: limitWindows.optional(),
  scopes: z
    .array(z.enum(API_SCOPES))
    .min(1)
    .default([...API_SCOPES]),
  expires_at: z.iso.datetime({ offset: true }).optional(),
  /** Requests with this key must be signed with this secret (docs/api.md). */
  signing_secret: z.string().min(16, 'expected at least 16 characters').max(512).optional(),
});

export const apiSchema = z.strictObject({
  cors_origins: z
    .array(z.union([z.literal('*'), httpUrl]))
    .max(100)
    .default([]),
  /** Requests without a valid key that one IP address may make. */
  ip_limit: z
    .strictObject({ requests: positive.default(100), window_seconds: positive.max(86_400).default(900) })
    .prefault({}),
});

export const configSchema = z.strictObject({
  version: z.literal(1, { error: 'expected version: 1' }),
  tenants: z.array(tenantSchema).default([]),
  channels: z.array(channelSchema).default([]),
  models: z.array(modelSchema).default([]),
  rules: z.array(ruleSchema).default([]),
  guard: z.array(guardSchema).default([]),
  api_keys: z.array(apiKeySchema).default([]),
  api: apiSchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type TenantConfig = z.output<typeof tenantSchema>;
export type ChannelConfig = z.output<typeof channelSchema>;
export type FeishuChannel = Extract<ChannelConfig, { platform: 'feishu' }>;
export type SlackChannel = Extract<ChannelConfig, { platform: 'slack' }>;
export type TelegramChannel = Extract<ChannelConfig, { platform: 'telegram' }>;
export type Triggers = z.output<typeof triggersSchema>;
export type ModelConfig = z.output<typeof modelSchema>;
export type ProviderName = (typeof PROVIDERS)[number];
export type RuleConfig = z.output<typeof ruleSchema>;
export type GuardConfig = z.output<typeof guardSchema>;
export type ApiKeyConfig = z.output<typeof apiKeySchema>;
export type ApiScope = (typeof API_SCOPES)[number];
export type LimitWindows = z.output<typeof limitWindows>;
export type PriceConfig = NonNullable<ModelConfig['price']>;

/** Every platform has a channel shape: a compile error here means that one is missing. */
export const CHANNEL_PLATFORMS: readonly ChannelConfig['platform'][] = PLATFORMS;
