import type { BothLanguages } from '../i18n/texts.ts';
import type {
  ApiSettings,
  ChannelConfig,
  GuardConfig,
  ModelConfig,
  Platform,
  RuleConfig,
  TenantConfig,
} from './config-types.ts';

export * from './config-types.ts';

/** Shapes of the admin API's answers. `npm run generate` writes openapi.ts from a running hub, and contract.ts compares. */

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
/** A list that is never long. */
export interface Items<T> {
  items: T[];
}

export interface RoleGrant {
  tenant: string;
  role: string;
}
export interface MeUser {
  id: string;
  username: string;
  name: string;
  email: string | null;
  totp_enabled: boolean;
  must_change_password: boolean;
  method: 'password' | 'oidc' | 'token';
}
export interface Me {
  user: MeUser;
  csrf_token: string | null;
  roles: RoleGrant[];
  /** Per action the tenants in which it is allowed; `*`: the hub and all of them. */
  can: Record<string, string[]>;
  tenants: { id: string; name: string }[];
  features: { sandbox: boolean; oidc: boolean };
  version: string;
}
export interface AuthMethods {
  password: boolean;
  oidc: { name: string } | null;
  setup_hint: string | null;
}
export interface Session {
  id: string;
  current: boolean;
  method: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  ip: string | null;
  user_agent: string | null;
}
export interface Token {
  id: string;
  name: string;
  prefix: string;
  actions: string[] | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}
export interface User {
  id: string;
  username: string;
  name: string;
  email: string | null;
  disabled: boolean;
  totp_enabled: boolean;
  locked_until: string | null;
  last_login_at: string | null;
  created_at: string;
  roles: RoleGrant[];
}
export interface Policy {
  id: string;
  tenant: string;
  name: string;
  effect: 'allow' | 'deny';
  actions: string[];
  resources: string[];
  principals: string[];
}
export interface Explanation {
  allowed: boolean;
  token_bound: boolean;
  decided_by: Policy | null;
  matching: Policy[];
  roles: RoleGrant[];
}

/** `extra`: made by the hub itself, such as the sandbox's channels. */
export type Origin = 'file' | 'environment' | 'console' | 'extra';
export interface Entry<T> {
  id: string;
  tenant?: string;
  origin: Origin;
  read_only: boolean;
  config: T;
}
export type TenantEntry = Entry<TenantConfig>;
export type ChannelEntry = Entry<ChannelConfig> & { status: ChannelStatus };
export type ModelEntry = Entry<ModelConfig> & { status: ModelStatus };

export interface ChannelStatus {
  webhook_url: string | null;
  transport: string;
  last_event_at: string | null;
  last_message_at: string | null;
  last_reply_at: string | null;
  events_24h: number;
  signature_failures_24h: number;
  last_signature_failure_at: string | null;
  ignored_24h: Record<string, number>;
  deaf_warning: string | null;
  seen: string[];
}
export interface ModelStatus {
  keys: { fingerprint: string; age_days: number | null; state: 'ok' | 'cooling' | 'refused'; until: string | null }[];
  endpoints: {
    base_url: string | null;
    region: string | null;
    breaker: 'closed' | 'open' | 'half_open';
    ttft_ms: number | null;
  }[];
  used_by: string[];
}
export interface CheckResult {
  ok: boolean;
  steps: { name: string; ok: boolean; message: string }[];
}
export interface ChannelSetup {
  webhook_url: string | null;
  manifest: Record<string, unknown> | null;
  checklist: {
    id: string;
    kind: 'scope' | 'event' | 'setting';
    name: string;
    why: BothLanguages;
    done: boolean | null;
  }[];
  steps: BothLanguages[];
}
export interface ModelCheck {
  ok: boolean;
  message: string;
  ms: number;
}
export interface ModelTest extends ModelCheck {
  reply: string;
  tokens_in: number;
  tokens_out: number;
}
export interface RuleRow {
  origin: Origin;
  read_only: boolean;
  rule: RuleConfig;
}
export interface GuardEntry {
  origin: Origin;
  read_only: boolean;
  guard: GuardConfig | null;
}
export interface SettingsEntry {
  origin: Origin;
  read_only: boolean;
  api: ApiSettings;
}
export interface RuleTest {
  matched: { index: number; action: 'reply' | 'model' | 'ignore'; text: string | null } | null;
}
export interface GuardTest {
  masked: string;
  found: { kind: string; count: number }[];
  refused: { by: string } | null;
  injection: boolean;
  replaced: number;
}
export interface TriggerTest {
  accept: boolean;
  reason: string;
  explanation: BothLanguages;
}
export interface ConfigVersion {
  version: number;
  author: string;
  comment: string | null;
  created_at: string;
  activated_at: string | null;
  active: boolean;
  based_on: number | null;
}
export interface ConfigState {
  version: number | null;
  origin_of_base: 'file' | 'environment';
  document: unknown;
  /** Entries of the base that are not in use because the console's part contradicts them. */
  left_out: { origin: string; path: string; message: string }[];
  file_error: { at: string; issues: { path: string; message: string }[] } | null;
}
export interface ConfigDiff {
  changes: { path: string; before: unknown; after: unknown }[];
}

export interface Totals {
  messages: number;
  success: number;
  denied: number;
  failed: number;
  cost_usd: number;
  tokens_in: number;
  tokens_out: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  success_ratio: number | null;
}
export interface Attention {
  kind: string;
  severity: 'warning' | 'error';
  tenant: string | null;
  subject: string;
  message: BothLanguages;
  link: string | null;
}
export interface Overview {
  totals: Totals;
  previous: Totals;
  series: {
    at: string;
    messages: number;
    failed: number;
    denied: number;
    cost_usd: number;
    p50_ms: number | null;
    p95_ms: number | null;
  }[];
  by_platform: {
    platform: string;
    messages: number;
    success_ratio: number | null;
    p95_ms: number | null;
    cost_usd: number;
  }[];
  by_tenant: { tenant: string; messages: number; cost_usd: number }[];
  queue: { waiting: number; oldest_ms: number | null };
  attention: Attention[];
}
export interface TurnRow {
  id: string;
  tenant: string;
  channel: string | null;
  platform: Platform | 'api' | string;
  conversation: string | null;
  user: string | null;
  kind: string;
  model: string | null;
  status: 'success' | 'denied' | 'failed' | string;
  error_code: string | null;
  tokens_in: number;
  tokens_out: number;
  cost_usd: number;
  response_ms: number | null;
  attempts: number;
  created_at: string;
}
export interface TurnErrors {
  rows: { error_code: string | null; turns: number; mean_response_ms: number }[];
}
export interface TimelineEntry {
  at_ms: number;
  what: string;
  detail?: unknown;
}
export interface Turn extends TurnRow {
  question: string | null;
  answer: string | null;
  timeline: TimelineEntry[];
  why: BothLanguages;
}
export interface TakenOver {
  by: string;
  since: string;
}
export interface ConversationRow {
  tenant: string;
  id: string;
  channel: string;
  platform: string;
  chat_kind: string | null;
  created_at: string;
  last_at: string;
  turns: number;
  last_text: string | null;
  taken_over: TakenOver | null;
}
export interface Conversation extends ConversationRow {
  state: { waiting: number; model: string | null };
}
export interface ConversationMessage {
  id: string;
  role: 'user' | 'assistant' | 'human';
  content: string;
  turn: string | null;
  at: string;
  by?: string | null;
}
export interface DeadLetter {
  tenant: string;
  id: string;
  channel: string;
  conversation: string;
  error_code: string;
  message: string;
  at: string;
  attempts: number;
  question?: string | null;
  answer?: string | null;
}
export interface UsageRow {
  day?: string;
  tenant?: string;
  model?: string;
  user?: string;
  channel?: string;
  requests: number;
  tokens_in: number;
  tokens_out: number;
  cached_tokens: number;
  cost_usd: number;
}
export interface Usage {
  rows: UsageRow[];
  totals: UsageRow;
}
export interface Quota {
  limits: {
    level: string;
    name?: string;
    window: string;
    unit: string;
    limit: number;
    used: number;
    remaining: number;
    reset_at: string | null;
  }[];
  budget: {
    limit_usd: number;
    spent_usd: number;
    reserved_usd: number;
    forecast_usd: number | null;
    on_exceeded: string;
    resets_at: string;
  } | null;
  raise: { until: string; factor: number } | null;
  history: { day: string; cost_usd: number; requests: number }[];
}
export interface ApiKey {
  tenant: string;
  id: string;
  name: string | null;
  prefix: string;
  scopes: string[];
  limits: Record<string, number> | null;
  origin: Origin;
  created_at: string | null;
  created_by: string | null;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}
export interface AuditRecord {
  seq: number;
  tenant: string;
  at: string;
  actor: string;
  action: string;
  target: string;
  detail: unknown;
}
export interface AuditCheck {
  records: number;
  faults: { tenant: string; seq: number; fault: string }[];
}
export interface PlaygroundDone {
  turn: string;
  model: string;
  usage: { tokens_in?: number; tokens_out?: number } | null;
  cost_usd: number | null;
  attempts: number;
  timeline: TimelineEntry[];
}
export interface SystemState {
  version: string;
  node: string;
  role: string;
  schema_version: number | string;
  redis: { ok: boolean; latency_ms: number | null; memory_bytes: number | null };
  postgres: { ok: boolean; latency_ms: number | null };
  uptime_seconds: number;
}
export interface SandboxState {
  state: 'off' | 'starting' | 'on';
  /** Whose models and rules answer. */
  tenant: string | null;
  error: string | null;
  channels: {
    platform: Platform;
    channel: string;
    /** `people`: ids of who is in it beside the bot. */
    chats: { id: string; name: string; kind: 'direct' | 'group'; people: string[] }[];
    people: { id: string; name: string }[];
  }[];
}
export interface SandboxMessage {
  id: string;
  from: 'person' | 'bot';
  name: string;
  text: string;
  thread?: string | null;
  at: string;
  edited: boolean;
  attachments?: { name?: string; kind?: string }[];
}
