/** Shapes of the configuration, as in the configuration file (docs/configuration.md). Secrets are `kept:…` once set. */

export const PLATFORMS = ['feishu', 'telegram', 'slack'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface LimitWindows {
  minute?: number;
  hour?: number;
  day?: number;
  tokens_minute?: number;
  tokens_hour?: number;
  tokens_day?: number;
}

export interface TenantConfig {
  id: string;
  name?: string;
  models?: string[];
  system_prompt?: string;
  session?: { scope?: 'chat' | 'thread' | 'user'; turns?: number; ttl_seconds?: number };
  limits?: LimitWindows;
  user_limits?: LimitWindows;
  model_limits?: Record<string, LimitWindows>;
  platform_limits?: Partial<Record<Platform | 'api', LimitWindows>>;
  group_limits?: LimitWindows;
  timezone?: string;
  budget?: {
    monthly_usd: number;
    user_monthly_usd?: number;
    warn_at?: number[];
    on_exceeded?: 'block' | 'downgrade';
    downgrade_to?: string;
  };
  short_query?: { max_characters: number; model: string };
  cache?: { ttl_seconds?: number };
  admin_chat?: { channel: string; chat: string };
  anomaly?: { factor?: number; min_tokens?: number };
  regions?: string[];
  fallback_when_filtered?: boolean;
  transcripts?: { keep?: boolean; days?: number };
  audit?: { days?: number };
  log_prompts?: boolean;
}

export interface Triggers {
  direct?: 'always' | 'command' | 'never';
  group?: 'mention' | 'command' | 'always' | 'never';
  commands?: string[];
  allow_chats?: string[];
  deny_users?: string[];
}

export interface ChannelConfig {
  id: string;
  tenant: string;
  platform: Platform;
  transport?: 'webhook' | 'socket' | 'polling';
  credentials: Record<string, string | undefined>;
  api_base_url?: string;
  triggers?: Triggers;
  streaming?: boolean;
  overlap?: 'queue' | 'merge' | 'interrupt';
  debounce_ms?: number;
}

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
export type Provider = (typeof PROVIDERS)[number];

export interface Rates {
  input: number;
  output: number;
  cached_input?: number;
  cache_write?: number;
}

export interface ModelConfig {
  id: string;
  provider: Provider;
  model?: string;
  endpoints?: { base_url: string; region?: string }[];
  keys?: string[];
  price?: Rates & { tiers?: (Rates & { from_input_tokens: number })[] };
  max_concurrency?: number;
  timeout_seconds?: number;
  max_output_tokens?: number;
  context_tokens?: number;
}

export interface RuleConfig {
  tenant: string;
  match: { exact: string[] } | { prefix: string[] } | { regex: string } | { keywords: string[] };
  reply?: string;
  model?: string;
  ignore?: true;
}

export const MASKS = ['credit_card', 'cn_id_card', 'cn_mobile', 'us_ssn', 'email', 'iban', 'secret'] as const;

export interface GuardConfig {
  tenant: string;
  mask?: (typeof MASKS)[number][];
  patterns?: { name: string; regex: string }[];
  block_keywords?: string[];
  replace_keywords?: string[];
  injection?: 'flag' | 'refuse' | 'off';
  dry_run?: boolean;
}

export const API_SCOPES = ['chat', 'models', 'quota', 'tokens'] as const;

export interface ApiSettings {
  cors_origins?: string[];
  ip_limit?: { requests?: number; window_seconds?: number };
}
