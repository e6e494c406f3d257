import { ago, ahead, DAY, HOUR, type MockState, noise } from './data.ts';
import { page, type Route, refuse } from './route.ts';
import { streamAnswer, streamEvents } from './streams.ts';

const QUESTIONS = [
  'How many days of leave do I have left?',
  '帮我把这段话翻译成英文',
  'Summarise yesterday’s incident',
  '明天上海的天气怎么样？',
  'Write a SQL query for monthly revenue',
  'What is our refund policy?',
];
const CODES = [null, null, null, 'no_model_available', null, 'quota_exceeded', null, null, 'model_failed'];

function turn(index: number) {
  const code = CODES[index % CODES.length] ?? null;
  const status = code === null ? 'success' : code === 'quota_exceeded' ? 'denied' : 'failed';
  const platform = ['feishu', 'telegram', 'slack', 'api'][index % 4] ?? 'api';
  return {
    id: `trn_${(1000 + index).toString(36)}${Math.floor(noise(index) * 1e6).toString(36)}`,
    tenant: index % 5 === 4 ? 'globex' : 'acme',
    channel: platform === 'api' ? null : `acme-${platform}`,
    platform,
    conversation: platform === 'api' ? null : `conv-${(index % 6) + 1}`,
    user: `u_${(Math.floor(noise(index) * 9) + 1).toString(16)}f3a9c`,
    kind: 'chat',
    model: status === 'denied' ? null : ['gpt-4o', 'claude', 'deepseek'][index % 3],
    status,
    error_code: code,
    tokens_in: 120 + Math.floor(noise(index + 3) * 900),
    tokens_out: status === 'success' ? 80 + Math.floor(noise(index + 9) * 400) : 0,
    cost_usd: status === 'success' ? 0.0012 + noise(index) / 100 : 0,
    response_ms: 700 + Math.floor(noise(index + 1) * 4200),
    attempts: status === 'failed' ? 3 : 1,
    created_at: ago(index * 7 * 60_000 + 30_000),
  };
}
const TURNS = Array.from({ length: 60 }, (_, index) => turn(index));

const TIMELINE = [
  { at_ms: 0, what: 'received' },
  { at_ms: 0, what: 'trigger', detail: { reason: 'mention' } },
  { at_ms: 13, what: 'taken', detail: { attempt: 1 } },
  { at_ms: 14, what: 'guard', detail: { verdict: 'masked', email: 1 } },
  { at_ms: 19, what: 'quota', detail: { admitted: true } },
  {
    at_ms: 640,
    what: 'model_attempt',
    detail: { model: 'gpt-4o', status: 'failed', errorCode: 'rate_limited', durationMs: 610 },
  },
  {
    at_ms: 1830,
    what: 'model_attempt',
    detail: {
      model: 'claude',
      status: 'success',
      firstTokenMs: 455,
      durationMs: 1180,
      usage: { inputTokens: 312, outputTokens: 96 },
    },
  },
  { at_ms: 1835, what: 'decided', detail: { by: 'model', status: 'success', model: 'claude' } },
  { at_ms: 2040, what: 'delivered', detail: { parts: 1 } },
];

function conversations(state: MockState) {
  return Array.from({ length: 6 }, (_, index) => ({
    tenant: index === 5 ? 'globex' : 'acme',
    id: `conv-${index + 1}`,
    channel: ['acme-feishu', 'acme-telegram', 'acme-slack'][index % 3] ?? '',
    platform: ['feishu', 'telegram', 'slack'][index % 3] ?? '',
    chat_kind: index % 2 ? 'group' : 'direct',
    created_at: ago((index + 2) * DAY),
    last_at: ago(index * 11 * 60_000 + 60_000),
    turns: 3 + index * 4,
    last_text: QUESTIONS[index % QUESTIONS.length] ?? null,
    taken_over: state.takenOver[`conv-${index + 1}`] ?? null,
  }));
}

function conversationOf(state: MockState, id: string | undefined) {
  const one = conversations(state).find((row) => row.id === id);
  if (!one) throw refuse(404, 'not_found', 'Not found');
  return one;
}

function overview(hours: number) {
  const count = hours > 48 ? Math.round(hours / 24) : hours;
  const step = (hours * HOUR) / count;
  const series = Array.from({ length: count }, (_, index) => {
    const wave = 60 + 50 * Math.sin((index / count) * Math.PI * 2 - 1) + noise(index) * 24;
    return {
      at: ago((count - 1 - index) * step),
      messages: Math.round(wave),
      failed: Math.round(noise(index + 7) * 3),
      denied: Math.round(noise(index + 5) * 4),
      cost_usd: wave / 300,
      p50_ms: 900 + noise(index) * 500,
      p95_ms: 2400 + noise(index + 2) * 1800,
    };
  });
  const totals = {
    messages: 1482,
    success: 1431,
    denied: 32,
    failed: 19,
    cost_usd: 6.42,
    tokens_in: 812_300,
    tokens_out: 204_120,
    p50_ms: 1120,
    p95_ms: 3480,
    p99_ms: 6900,
    success_ratio: 0.9656,
  };
  return {
    totals,
    previous: { ...totals, messages: 1290, cost_usd: 5.9, p95_ms: 3900, success_ratio: 0.971 },
    series,
    by_platform: [
      { platform: 'feishu', messages: 702, success_ratio: 0.981, p95_ms: 3100, cost_usd: 3.1 },
      { platform: 'slack', messages: 490, success_ratio: 0.942, p95_ms: 4100, cost_usd: 2.2 },
      { platform: 'telegram', messages: 231, success_ratio: 0.974, p95_ms: 2800, cost_usd: 0.9 },
      { platform: 'api', messages: 59, success_ratio: 1, p95_ms: 1900, cost_usd: 0.22 },
    ],
    by_tenant: [
      { tenant: 'acme', messages: 1203, cost_usd: 5.3 },
      { tenant: 'globex', messages: 279, cost_usd: 1.12 },
    ],
    queue: { waiting: 3, oldest_ms: 820 },
    attention: [
      {
        kind: 'channel_deaf',
        severity: 'error',
        tenant: 'acme',
        subject: 'acme-slack',
        message: {
          en: '7 events failed the signature check: is the signing secret still the right one?',
          zh: '7 个事件未通过签名校验：签名密钥是否仍然正确？',
        },
        link: '/channels/acme-slack',
      },
      {
        kind: 'breaker_open',
        severity: 'error',
        tenant: null,
        subject: 'deepseek',
        message: {
          en: 'The endpoint is not asked at the moment because it failed repeatedly.',
          zh: '该端点连续失败，暂时停止请求。',
        },
        link: '/models/deepseek',
      },
      {
        kind: 'budget',
        severity: 'warning',
        tenant: 'acme',
        subject: 'Acme',
        message: { en: '82 % of the monthly budget is spent.', zh: '本月预算已使用 82%。' },
        link: '/quota',
      },
    ],
  };
}

function usage(groupBy: string[]) {
  const values: Record<string, string[]> = {
    day: Array.from({ length: 14 }, (_, index) => ago((13 - index) * DAY).slice(0, 10)),
    tenant: ['acme', 'globex'],
    model: ['gpt-4o', 'claude', 'deepseek'],
    user: ['u_1f3a9c', 'u_2f3a9c', 'u_5f3a9c', 'u_8f3a9c'],
    channel: ['acme-feishu', 'acme-slack', 'acme-telegram'],
  };
  const [first = 'day', second] = groupBy;
  const rows = (values[first] ?? []).flatMap((one, i) =>
    (second ? (values[second] ?? []) : ['']).map((two, j) => {
      const size = 0.3 + noise(i * 7 + j);
      return {
        [first]: one,
        ...(second ? { [second]: two } : {}),
        requests: Math.round(size * 160),
        tokens_in: Math.round(size * 90_000),
        tokens_out: Math.round(size * 21_000),
        cached_tokens: Math.round(size * 8000),
        cost_usd: size * 0.72,
      };
    }),
  );
  const sum = (key: 'requests' | 'tokens_in' | 'tokens_out' | 'cached_tokens' | 'cost_usd') =>
    rows.reduce((total, row) => total + Number(row[key as keyof typeof row]), 0);
  return {
    rows,
    totals: {
      requests: sum('requests'),
      tokens_in: sum('tokens_in'),
      tokens_out: sum('tokens_out'),
      cached_tokens: sum('cached_tokens'),
      cost_usd: sum('cost_usd'),
    },
  };
}

function quota(state: MockState, tenant: string) {
  const limit = (level: string, window: string, unit: string, size: number, used: number, name?: string) => ({
    level,
    ...(name ? { name } : {}),
    window,
    unit,
    limit: size,
    used,
    remaining: size - used,
    reset_at: ahead(window === 'minute' ? 40_000 : 9 * HOUR),
  });
  const isAcme = tenant === 'acme';
  return {
    limits: isAcme
      ? [
          limit('tenant', 'minute', 'requests', 60, 22),
          limit('tenant', 'day', 'requests', 10_000, 8620),
          limit('model', 'minute', 'requests', 30, 30, 'gpt-4o'),
          limit('user', 'day', 'tokens', 200_000, 64_100),
        ]
      : [],
    budget: isAcme
      ? {
          limit_usd: 100,
          spent_usd: 82.14,
          reserved_usd: 0.31,
          forecast_usd: 118.2,
          on_exceeded: 'downgrade',
          resets_at: ahead(9 * DAY),
        }
      : null,
    raise: state.raises[tenant] ?? null,
    history: Array.from({ length: 30 }, (_, index) => ({
      day: ago((29 - index) * DAY).slice(0, 10),
      cost_usd: 2 + noise(index) * 3,
      requests: 400 + Math.round(noise(index + 4) * 700),
    })),
  };
}

const AUDIT = Array.from({ length: 24 }, (_, index) => ({
  seq: 400 - index,
  tenant: index % 4 ? 'acme' : '*',
  at: ago(index * 41 * 60_000),
  actor: ['admin', 'mei', 'sam (token)', 'hub'][index % 4],
  action: ['channel:write', 'conversation:write', 'user:write', 'guard:write.denied', 'quota:write'][index % 5],
  target: ['tenant/acme/channel/acme-slack', 'tenant/acme/conversation/conv-2', 'hub/user/u3', 'tenant/acme/guard/-'][
    index % 4
  ],
  detail: index % 2 ? { changes: [{ path: 'streaming', before: false, after: true }] } : {},
}));

export function runtimeRoutes(): Record<string, Route> {
  const one = (id: string | undefined) => {
    const row = TURNS.find((candidate) => candidate.id === id);
    if (!row) throw refuse(404, 'not_found', 'Not found');
    return row;
  };
  return {
    'GET /overview': ({ query, state }) =>
      state.channels.length === 0 ? nothingYet(Number(query.hours ?? 24)) : overview(Number(query.hours ?? 24)),
    'GET /turns': ({ query, state }) =>
      page(
        (state.channels.length === 0 ? [] : TURNS).filter(
          (row) =>
            (['tenant', 'channel', 'platform', 'status', 'model', 'user', 'error_code', 'conversation'] as const).every(
              (key) => !query[key] || row[key] === query[key],
            ) &&
            (!query.q || row.id.startsWith(query.q)),
        ),
      ),
    'GET /turns/:id': ({ params }) => {
      const row = one(params.id);
      const why = {
        success: { en: 'Answered: gpt-4o was busy, so claude answered.', zh: '已回答：gpt-4o 繁忙，由 claude 作答。' },
        denied: {
          en: 'Not answered: the user had used up the 20 requests of this minute.',
          zh: '未回答：该用户本分钟的 20 次请求已用完。',
        },
        failed: { en: 'Not answered: all three models of the chain failed.', zh: '未回答：备用链上的三个模型均失败。' },
      };
      return {
        ...row,
        question: QUESTIONS[0],
        answer: row.status === 'success' ? 'You have **7 days** left this year.' : null,
        timeline: TIMELINE,
        why: why[row.status as 'success'],
      };
    },
    'POST /turns/:id/replay': ({ params }) => ({ turn: one(params.id).id }),
    'GET /conversations': ({ state, query }) =>
      page(
        state.channels.length === 0
          ? []
          : conversations(state).filter(
              (row) =>
                (!query.tenant || row.tenant === query.tenant) &&
                (!query.q || row.last_text?.toLowerCase().includes(query.q.toLowerCase())),
            ),
      ),
    'GET /conversations/:tenant/:conversation': ({ state, params }) => ({
      ...conversationOf(state, params.conversation),
      state: { waiting: 0, model: 'claude' },
    }),
    'GET /conversations/:tenant/:conversation/messages': ({ state, params }) =>
      page([
        ...(state.human[params.conversation ?? ''] ?? []),
        ...QUESTIONS.slice(0, 4).flatMap((content, index) => [
          {
            id: `m${index}b`,
            role: 'assistant',
            content:
              index === 1
                ? 'Of course. Here it is:\n\n```\nThe meeting is on Friday.\n```'
                : 'You have **7 days** left. See the [handbook](https://acme.example/handbook).',
            turn: TURNS[index]?.id,
            at: ago((index + 1) * HOUR - 3000),
          },
          { id: `m${index}a`, role: 'user', content, turn: TURNS[index]?.id, at: ago((index + 1) * HOUR) },
        ]),
      ]),
    'POST /conversations/:tenant/:conversation/takeover': ({ state, params }) => {
      state.takenOver[params.conversation ?? ''] = { by: 'admin', since: ago(0) };
      return { taken_over: state.takenOver[params.conversation ?? ''] };
    },
    'DELETE /conversations/:tenant/:conversation/takeover': ({ state, params }) => {
      state.takenOver[params.conversation ?? ''] = null;
    },
    'POST /conversations/:tenant/:conversation/messages': ({ state, params, body }) => {
      const list = state.human[params.conversation ?? ''] ?? [];
      list.unshift({ id: `h${list.length}`, role: 'human', content: body.text, turn: null, at: ago(0), by: 'admin' });
      state.human[params.conversation ?? ''] = list;
      return {};
    },
    'GET /dead-letters': ({ state }) => page(state.dead),
    'GET /dead-letters/:tenant/:id': ({ state, params }) => {
      const letter = state.dead.find(({ id }) => id === params.id);
      if (!letter) throw refuse(404, 'not_found', 'Not found');
      return letter;
    },
    'POST /dead-letters/:tenant/:id/replay': ({ state, params }) => {
      state.dead = state.dead.filter(({ id }) => id !== params.id);
      return {};
    },
    'DELETE /dead-letters/:tenant/:id': ({ state, params }) => {
      state.dead = state.dead.filter(({ id }) => id !== params.id);
    },
    'GET /usage': ({ query }) => usage((query.group_by ?? 'day').split(',')),
    'GET /usage.csv': ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).end('day,requests\n2026-01-01,12\n');
    },
    'GET /quota': ({ state, query }) => quota(state, query.tenant ?? 'acme'),
    'GET /api-keys': ({ state, query }) =>
      page(state.keys.filter(({ tenant }) => !query.tenant || tenant === query.tenant)),
    'POST /api-keys': ({ state, body }) => {
      const key = {
        tenant: body.tenant,
        id: `key-${state.keys.length}`,
        name: body.name,
        prefix: 'pk_7d2e',
        scopes: body.scopes ?? ['chat'],
        limits: body.limits ?? {},
        origin: 'console',
        created_at: ago(0),
        created_by: 'admin',
        expires_at: body.expires_at ?? null,
        last_used_at: null,
        revoked_at: null,
      };
      state.keys.unshift(key);
      return {
        ...key,
        key: 'pk_7d2e5b1f90c4481ea6d3',
        ...(body.signed ? { signing_secret: 'sig_0c4481ea6d37d2e5b1f9' } : {}),
      };
    },
    'DELETE /api-keys/:tenant/:id': ({ state, params }) => {
      for (const key of state.keys) if (key.id === params.id) key.revoked_at = ago(0);
    },
    'GET /audit': ({ query }) =>
      page(
        AUDIT.filter(
          (row) =>
            (!query.actor || row.actor?.includes(query.actor)) &&
            (!query.action || row.action?.startsWith(query.action)),
        ),
      ),
    'POST /audit/verify': () => ({ records: 400, faults: [] }),
    'GET /audit/export': ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/jsonl' }).end('{"seq":400}\n');
    },
    'POST /audit/erase-user': () => ({ messages: 12, records: 4 }),
    'POST /playground': streamAnswer,
    'GET /events': streamEvents,
    'GET /system': () => ({
      version: '0.1.0',
      node: 'v24.21.0',
      role: 'start',
      schema_version: 7,
      redis: { ok: true, latency_ms: 0.4, memory_bytes: 12_400_000 },
      postgres: { ok: true, latency_ms: 1.2 },
      uptime_seconds: 86_400,
    }),
  };
}

function nothingYet(hours: number) {
  const full = overview(hours);
  const none = {
    messages: 0,
    success: 0,
    denied: 0,
    failed: 0,
    cost_usd: 0,
    tokens_in: 0,
    tokens_out: 0,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
    success_ratio: null,
  };
  return {
    ...full,
    totals: none,
    previous: none,
    by_platform: [],
    by_tenant: [],
    queue: { waiting: 0, oldest_ms: null },
    attention: [],
    series: full.series.map(({ at }) => ({
      at,
      messages: 0,
      failed: 0,
      denied: 0,
      cost_usd: 0,
      p50_ms: null,
      p95_ms: null,
    })),
  };
}
