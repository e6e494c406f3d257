import type { RoleName } from '@parley/core/access';
import type { MockOptions } from './index.ts';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
export const ahead = (ms: number) => new Date(Date.now() + ms).toISOString();

/** The same numbers every time, so that screenshots can be compared. */
export function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43758.5453;
  return value - Math.floor(value);
}

export type MockState = ReturnType<typeof createState>;

export function createState({ signedIn = false, role = 'owner', empty = false }: MockOptions) {
  return {
    signedIn,
    role: role as RoleName,
    totp: false,
    username: 'admin',
    tenants: empty ? [entry('default', { id: 'default', name: 'Default', models: [] })] : tenants(),
    channels: empty ? [] : channels(),
    models: empty ? [model('echo', 'echo')] : models(),
    rules: empty ? [] : rules(),
    guards: {} as Record<string, unknown>,
    api: { cors_origins: ['https://chat.acme.example'], ip_limit: { requests: 100, window_seconds: 900 } } as unknown,
    raises: {} as Record<string, { until: string; factor: number }>,
    users: users(),
    policies: policies(),
    tokens: tokens(),
    keys: keys(),
    dead: empty ? [] : deadLetters(),
    takenOver: {} as Record<string, { by: string; since: string } | null>,
    human: {} as Record<string, unknown[]>,
    versions: versions(),
    sandbox: 'off' as 'off' | 'on',
    sandboxMessages: {} as Record<
      string,
      { id: string; from: string; name: string; text: string; at: string; edited: boolean }[]
    >,
  };
}

export interface MockEntry {
  id: string;
  tenant?: string;
  origin: string;
  read_only: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a mock believes what it is sent
  config: any;
  // biome-ignore lint/suspicious/noExplicitAny: a mock believes what it is sent
  status?: any;
}

export function entry(id: string, config: object, origin = 'console', tenant?: string): MockEntry {
  return { id, ...(tenant ? { tenant } : {}), origin, read_only: origin === 'file', config };
}

function tenants(): MockEntry[] {
  return [
    entry('acme', {
      id: 'acme',
      name: 'Acme',
      models: ['gpt-4o', 'claude', 'deepseek'],
      system_prompt: "You are Acme's assistant. Answer in the language of the question, briefly.",
      session: { scope: 'chat', turns: 5, ttl_seconds: 1800 },
      limits: { minute: 60, day: 10_000 },
      user_limits: { minute: 20, tokens_day: 200_000 },
      model_limits: { 'gpt-4o': { minute: 30 } },
      timezone: 'Asia/Shanghai',
      budget: { monthly_usd: 100, warn_at: [0.5, 0.8], on_exceeded: 'downgrade', downgrade_to: 'deepseek' },
      transcripts: { keep: true, days: 30 },
      audit: { days: 90 },
    }),
    entry(
      'globex',
      { id: 'globex', name: 'Globex 环球', models: ['claude'], timezone: 'UTC', transcripts: { keep: false, days: 7 } },
      'file',
    ),
  ];
}

export function channelStatus(more: object = {}) {
  return {
    enabled: true,
    webhook_url: 'https://bots.acme.example/webhooks/slack/acme-slack',
    transport: 'webhook',
    connected: null,
    last_event_at: ago(2 * MINUTE),
    last_message_at: ago(4 * MINUTE),
    last_reply_at: ago(4 * MINUTE - 2100),
    events_24h: 1284,
    signature_failures_24h: 0,
    last_signature_failure_at: null,
    ignored_24h: { not_addressed: 812, bot_message: 41, edit: 12 },
    deaf_warning: null,
    seen: ['message', 'app_mention'],
    ...more,
  };
}

function channels(): MockEntry[] {
  const base = {
    streaming: true,
    overlap: 'queue',
    debounce_ms: 0,
    triggers: { direct: 'always', group: 'mention', commands: ['/ai'], allow_chats: [], deny_users: [] },
  };
  return [
    {
      ...entry(
        'acme-feishu',
        {
          id: 'acme-feishu',
          tenant: 'acme',
          platform: 'feishu',
          transport: 'webhook',
          credentials: { app_id: 'cli_a1b2c3', app_secret: 'kept:91c0aa12ef34', encrypt_key: 'kept:0011aabbccdd' },
          ...base,
        },
        'console',
        'acme',
      ),
      status: channelStatus({
        webhook_url: 'https://bots.acme.example/webhooks/feishu/acme-feishu',
        deaf_warning: 'only_ignored',
        last_message_at: ago(9 * HOUR),
      }),
    },
    {
      ...entry(
        'acme-telegram',
        {
          id: 'acme-telegram',
          tenant: 'acme',
          platform: 'telegram',
          transport: 'polling',
          credentials: { bot_token: 'kept:77aa33bb1122' },
          ...base,
        },
        'console',
        'acme',
      ),
      status: channelStatus({ webhook_url: null, transport: 'polling', connected: true, events_24h: 402 }),
    },
    {
      ...entry(
        'acme-slack',
        {
          id: 'acme-slack',
          tenant: 'acme',
          platform: 'slack',
          transport: 'webhook',
          credentials: { bot_token: 'kept:aa00bb11cc22', signing_secret: 'kept:123456abcdef' },
          ...base,
        },
        'console',
        'acme',
      ),
      status: channelStatus({
        signature_failures_24h: 7,
        last_signature_failure_at: ago(20 * MINUTE),
        deaf_warning: 'signature_failures',
      }),
    },
    {
      ...entry(
        'globex-slack',
        {
          id: 'globex-slack',
          tenant: 'globex',
          platform: 'slack',
          transport: 'socket',
          credentials: { bot_token: 'kept:5566778899aa', app_token: 'kept:bbccddeeff00' },
          ...base,
        },
        'file',
        'globex',
      ),
      status: channelStatus({ transport: 'socket', connected: true, webhook_url: null }),
    },
  ];
}

export function model(
  id: string,
  provider: string,
  more: object = {},
  status: object = {},
  origin = 'console',
): MockEntry {
  return {
    ...entry(
      id,
      {
        id,
        provider,
        endpoints: [],
        keys: [],
        max_concurrency: 256,
        timeout_seconds: 30,
        max_output_tokens: 1024,
        ...more,
      },
      origin,
    ),
    status: { keys: [], endpoints: [], used_by: ['acme'], ...status },
  };
}

function models(): MockEntry[] {
  const openai = 'https://api.openai.com/v1';
  return [
    model(
      'gpt-4o',
      'openai',
      {
        model: 'gpt-4o',
        keys: ['kept:1a2b3c4d5e6f', 'kept:99ff88ee77dd'],
        endpoints: [{ base_url: openai, region: 'us' }],
        price: { input: 2.5, output: 10 },
      },
      {
        keys: [
          { fingerprint: '1a2b3c4d5e6f', age_days: 41, state: 'ok', until: null },
          { fingerprint: '99ff88ee77dd', age_days: 97, state: 'cooling', until: ahead(2 * MINUTE) },
        ],
        endpoints: [{ base_url: openai, region: 'us', breaker: 'closed', ttft_ms: 412 }],
      },
    ),
    model(
      'claude',
      'anthropic',
      { model: 'claude-sonnet-4', keys: ['kept:42cafe42cafe'], price: { input: 3, output: 15 } },
      {
        keys: [{ fingerprint: '42cafe42cafe', age_days: 12, state: 'ok', until: null }],
        endpoints: [{ base_url: 'https://api.anthropic.com', region: null, breaker: 'half_open', ttft_ms: 655 }],
        used_by: ['acme', 'globex'],
      },
    ),
    model(
      'deepseek',
      'deepseek',
      { keys: ['kept:deadbeef0001'], price: { input: 0.27, output: 1.1 } },
      {
        keys: [{ fingerprint: 'deadbeef0001', age_days: 3, state: 'refused', until: null }],
        endpoints: [{ base_url: 'https://api.deepseek.com', region: 'cn', breaker: 'open', ttft_ms: null }],
      },
      'file',
    ),
  ];
}

function rules() {
  const of = (origin: string, rule: object) => ({
    origin,
    read_only: origin === 'file',
    rule: { tenant: 'acme', ...rule },
  });
  return [
    of('file', { match: { exact: ['hi', '你好'] }, reply: 'Hello! Ask me anything.' }),
    of('console', { match: { keywords: ['invoice', '发票'] }, reply: 'Invoices are handled by finance@acme.example.' }),
    of('console', { match: { regex: '^translate:' }, model: 'deepseek' }),
    of('console', { match: { prefix: ['//'] }, ignore: true }),
  ];
}

function users() {
  const user = (id: string, username: string, name: string, more: object = {}) => ({
    id,
    username,
    name,
    email: `${username}@acme.example`,
    disabled: false,
    totp_enabled: false,
    locked_until: null as string | null,
    last_login_at: ago(3 * HOUR) as string | null,
    created_at: ago(40 * DAY),
    roles: [{ tenant: '*', role: 'owner' }],
    ...more,
  });
  return [
    user('u1', 'admin', 'Administrator', { totp_enabled: true }),
    user('u2', 'mei', '陈梅', { roles: [{ tenant: 'acme', role: 'admin' }] }),
    user('u3', 'sam', 'Sam Okafor', {
      roles: [
        { tenant: 'acme', role: 'operator' },
        { tenant: 'globex', role: 'viewer' },
      ],
      locked_until: ahead(10 * MINUTE),
    }),
    user('u4', 'lena', 'Lena Fischer', {
      roles: [{ tenant: 'globex', role: 'viewer' }],
      disabled: true,
      last_login_at: null,
    }),
  ];
}

function policies() {
  return [
    {
      id: 'p1',
      tenant: 'acme',
      name: 'Night shift reads only',
      effect: 'deny',
      actions: ['*:write'],
      resources: ['tenant/acme/*'],
      principals: ['user:u3'],
    },
    {
      id: 'p2',
      tenant: '*',
      name: 'Auditors read the audit log',
      effect: 'allow',
      actions: ['audit:read'],
      resources: ['*'],
      principals: ['role:viewer@globex'],
    },
  ];
}

function tokens() {
  return [
    {
      id: 't1',
      name: 'CI deploys',
      prefix: 'pat_4f3a',
      actions: ['config:*', 'channel:read'],
      created_at: ago(30 * DAY),
      expires_at: ahead(60 * DAY),
      last_used_at: ago(DAY),
      revoked_at: null as string | null,
    },
  ];
}

function keys() {
  const key = (tenant: string, id: string, more: object = {}) => ({
    tenant,
    id,
    name: id,
    prefix: `pk_${id.slice(0, 4)}`,
    scopes: ['chat', 'models'],
    limits: { minute: 20 },
    origin: 'console',
    created_at: ago(22 * DAY),
    created_by: 'admin',
    expires_at: null as string | null,
    last_used_at: ago(HOUR) as string | null,
    revoked_at: null as string | null,
    ...more,
  });
  return [
    key('acme', 'web'),
    key('acme', 'intranet', { origin: 'file', created_by: null, created_at: null }),
    key('globex', 'old-app', { revoked_at: ago(4 * DAY) }),
  ];
}

function deadLetters() {
  const codes = ['model_failed', 'delivery_failed', 'rate_limited'];
  return Array.from({ length: 4 }, (_, index) => ({
    tenant: 'acme',
    id: `dl-${index + 1}`,
    channel: index % 2 ? 'acme-slack' : 'acme-feishu',
    conversation: `conv-${index + 1}`,
    error_code: codes[index % 3] ?? '',
    why:
      index % 3 === 1
        ? { en: 'the bot was removed from the channel', zh: '机器人已被移出频道' }
        : { en: 'every model of the chain failed', zh: '所有备用模型均失败' },
    at: ago((index + 1) * 3 * HOUR),
    attempts: 10,
    question: 'How many days of leave do I have left this year?',
    answer: index % 3 === 1 ? 'You have 7 days left.' : null,
  }));
}

function versions() {
  return [
    {
      version: 3,
      author: 'mei',
      comment: 'Claude first',
      created_at: ago(5 * HOUR),
      activated_at: ago(5 * HOUR) as string | null,
      active: true,
      based_on: 2 as number | null,
    },
    {
      version: 2,
      author: 'admin',
      comment: 'Slack of Acme',
      created_at: ago(2 * DAY),
      activated_at: ago(2 * DAY) as string | null,
      active: false,
      based_on: 1 as number | null,
    },
    {
      version: 1,
      author: 'admin',
      comment: null as string | null,
      created_at: ago(9 * DAY),
      activated_at: ago(9 * DAY) as string | null,
      active: false,
      based_on: null as number | null,
    },
  ];
}
