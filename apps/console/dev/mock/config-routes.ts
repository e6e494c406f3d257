import { ago, channelStatus, entry, type MockEntry, type MockState, model } from './data.ts';
import { found, page, type Route, type RouteInput, refuse } from './route.ts';

type Kind = 'tenants' | 'channels' | 'models';

/** List, create, read, replace and remove of one kind of entry. */
function crud(kind: Kind, parameter: string, make: (config: never) => MockEntry): Record<string, Route> {
  const visible = ({ state, query }: RouteInput) =>
    state[kind].filter(({ tenant }) => !query.tenant || tenant === undefined || tenant === query.tenant);
  return {
    [`GET /${kind}`]: (input) => page(visible(input)),
    [`POST /${kind}`]: ({ state, body }) => {
      if (state[kind].some(({ id }) => id === body.config.id)) {
        const refusal = refuse(409, 'conflict', `${body.config.id} exists`);
        throw { ...refusal, error: { ...refusal.error, fields: [{ path: 'config.id', message: 'is taken' }] } };
      }
      const made = make(keep(body.config) as never);
      state[kind].push(made);
      return made;
    },
    [`GET /${kind}/:${parameter}`]: ({ state, params }) => found(state[kind], params[parameter]),
    [`PUT /${kind}/:${parameter}`]: ({ state, params, body, request }) => {
      const known = found(state[kind], params[parameter]);
      if (request.headers['if-match'] === undefined) throw refuse(428, 'precondition_required', 'If-Match is missing');
      if (request.headers['if-match'] === '"stale"')
        throw refuse(412, 'precondition_failed', 'Somebody changed this meanwhile');
      known.config = keep(body.config);
      return known;
    },
    [`DELETE /${kind}/:${parameter}`]: ({ state, params }) => {
      found(state[kind], params[parameter]);
      state[kind] = state[kind].filter(({ id }) => id !== params[parameter]);
    },
  };
}

/** Secrets come back as fingerprints, as from the real hub. */
function keep(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => keep(item, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, keep(item, key)]));
  }
  const isSecret =
    /_token$|_secret$|_key$|^keys$/.test(name) && typeof value === 'string' && !value.startsWith('kept:');
  return isSecret ? 'kept:0a1b2c3d4e5f' : value;
}

export function configRoutes(): Record<string, Route> {
  return {
    ...crud('tenants', 'tenant', (config: { id: string }) => entry(config.id, config)),
    ...crud('channels', 'channel', (config: { id: string; tenant: string; platform: string; transport: string }) => ({
      ...entry(config.id, config, 'console', config.tenant),
      status: channelStatus({
        webhook_url: `https://bots.acme.example/webhooks/${config.platform}/${config.id}`,
        transport: config.transport ?? 'webhook',
        connected: config.transport === 'webhook' ? null : true,
        last_event_at: null,
        last_message_at: null,
        last_reply_at: null,
        events_24h: 0,
        ignored_24h: {},
        seen: [],
      }),
    })),
    ...crud('models', 'model', (config: { id: string; provider: string }) => model(config.id, config.provider, config)),
    'POST /channels/check': ({ body }) => check(JSON.stringify(body.config.credentials ?? {})),
    'POST /channels/:channel/probe': () => check(''),
    'POST /channels/:channel/test': () => ({ ok: true, message_id: 'om_1' }),
    'POST /channels/:channel/register-webhook': () => ({ ok: true, message: 'The webhook is registered.' }),
    'GET /channels/setup/:platform': ({ params, query }) => setup(params.platform ?? '', query.channel ?? 'bot'),
    'POST /models/check': () => ({ ok: true, message: 'The model answered.', ms: 640 }),
    'POST /models/:model/test': ({ body }) => ({
      ok: true,
      reply: `You said: ${body.text ?? 'hello'}`,
      ms: 812,
      tokens_in: 12,
      tokens_out: 9,
      message: 'ok',
    }),
    'GET /tenants/:tenant/rules': ({ state, params }) => ({
      items: state.rules.filter(({ rule }) => (rule as { tenant?: string }).tenant === params.tenant),
    }),
    'PUT /tenants/:tenant/rules': ({ state, params, body }) => {
      const others = state.rules.filter(
        ({ origin, rule }) => origin === 'file' || (rule as { tenant?: string }).tenant !== params.tenant,
      );
      state.rules = [...others, ...body.rules.map((rule: object) => ({ origin: 'console', read_only: false, rule }))];
      return { items: state.rules };
    },
    'GET /tenants/:tenant/guard': ({ state, params }) => ({
      origin: 'console',
      read_only: false,
      guard: state.guards[params.tenant ?? ''] ?? {
        tenant: params.tenant,
        mask: ['credit_card', 'email'],
        patterns: [{ name: 'employee_id', regex: 'E\\d{6}' }],
        block_keywords: ['project nightfall'],
        replace_keywords: [],
        injection: 'flag',
        dry_run: false,
      },
    }),
    'PUT /tenants/:tenant/guard': ({ state, params, body }) => {
      state.guards[params.tenant ?? ''] = body.guard;
      return { origin: 'console', read_only: false, guard: body.guard };
    },
    'GET /settings': ({ state }) => ({ origin: 'console', read_only: false, api: state.api }),
    'PUT /settings': ({ state, body }) => {
      state.api = body.api;
      return { origin: 'console', read_only: false, api: body.api };
    },
    'POST /tenants/:tenant/raise': ({ state, params, body }) => {
      state.raises[params.tenant ?? ''] = { until: body.until, factor: body.factor };
      return state.raises[params.tenant ?? ''];
    },
    'DELETE /tenants/:tenant/raise': ({ state, params }) => {
      delete state.raises[params.tenant ?? ''];
    },
    'GET /config': ({ state }) => ({
      version: state.versions.find(({ active }) => active)?.version ?? null,
      origin_of_base: 'file',
      left_out: [],
      document: documentOf(state),
      file_error: { at: ago(5 * 60_000), issues: [{ path: 'models.2.keys', message: 'expected at least one key' }] },
    }),
    'GET /config/versions': ({ state }) => page(state.versions),
    'GET /config/versions/:version': ({ state, params }) => ({
      ...versionOf(state, params.version),
      document: documentOf(state),
    }),
    'GET /config/versions/:version/diff': () => ({
      changes: [
        { path: 'tenants.acme.models', before: ['gpt-4o', 'claude'], after: ['claude', 'gpt-4o'] },
        { path: 'models.claude.keys.0', before: 'kept:111111111111', after: 'kept:42cafe42cafe' },
        { path: 'channels.acme-slack', before: undefined, after: { platform: 'slack', tenant: 'acme' } },
      ],
    }),
    'POST /config/validate': ({ body }) =>
      body.document
        ? { ok: true, issues: [] }
        : { ok: false, issues: [{ path: 'document', message: 'expected an object' }] },
    'POST /config/versions': ({ state, body }) => {
      const version = {
        version: state.versions.length + 1,
        author: 'admin',
        comment: body.comment ?? null,
        created_at: ago(0),
        activated_at: null,
        active: false,
        based_on: 3,
      };
      state.versions.unshift(version);
      return version;
    },
    'POST /config/versions/:version/activate': ({ state, params }) => {
      const version = versionOf(state, params.version);
      for (const other of state.versions) other.active = other === version;
      version.activated_at = ago(0);
      return version;
    },
    'POST /rules/test': ({ body }) => {
      const index = (body.rules ?? []).findIndex((rule: { match: object }) =>
        JSON.stringify(rule.match).toLowerCase().includes(String(body.text).toLowerCase()),
      );
      return {
        matched: index < 0 ? null : { index, origin: 'console', action: 'reply', text: body.rules[index].reply },
      };
    },
    'POST /guard/test': ({ body }) => {
      const text = String(body.text);
      const masked = text.replace(/[\w.]+@[\w.]+/g, '[email]').replace(/\b\d{16}\b/g, '[credit_card]');
      return {
        masked,
        found: masked === text ? [] : [{ kind: 'email', count: 1 }],
        refused: text.includes('nightfall') ? { by: 'block_keywords' } : null,
        injection: /ignore (all|previous)/i.test(text),
        replaced: 0,
      };
    },
    'POST /triggers/test': ({ body }) => {
      const isMeant = body.turn !== undefined || body.message?.chat_kind === 'direct' || body.message?.mentioned;
      return isMeant
        ? {
            accept: true,
            reason: 'mention',
            explanation: {
              en: 'The bot is mentioned, and groups answer to mentions.',
              zh: '消息 @ 了机器人，而群聊设置为被 @ 时回答。',
            },
          }
        : {
            accept: false,
            reason: 'not_addressed',
            explanation: {
              en: 'In groups the bot answers only when it is mentioned.',
              zh: '在群聊中，机器人只有在被 @ 时才回答。',
            },
          };
    },
  };
}

function check(credentials: string) {
  const isWrong = credentials.includes('wrong');
  return {
    ok: !isWrong,
    steps: [
      {
        name: 'token',
        ok: !isWrong,
        message: isWrong
          ? 'The platform refused the token (invalid_auth).'
          : 'The token is valid; the bot is called Acme Helper.',
      },
      ...(isWrong ? [] : [{ name: 'permissions', ok: true, message: 'All needed permissions are granted.' }]),
    ],
  };
}

function setup(platform: string, channel: string) {
  const both = (en: string, zh: string) => ({ en, zh });
  const item = (id: string, kind: string, name: string, done: boolean | null, en: string, zh: string) => ({
    id,
    kind,
    name,
    why: both(en, zh),
    done,
  });
  const webhook_url = `https://bots.acme.example/webhooks/${platform}/${channel}`;
  if (platform === 'feishu') {
    return {
      webhook_url,
      checklist: [
        item('bot', 'setting', 'Bot capability', true, 'Add the ability “Bot” to the app.', '为应用添加“机器人”能力。'),
        item(
          'im:message',
          'scope',
          'im:message',
          true,
          'Lets the bot send and receive messages.',
          '允许机器人收发消息。',
        ),
        item(
          'im:message.group_at_msg',
          'scope',
          'im:message.group_at_msg',
          null,
          'Lets it see messages that mention it in groups.',
          '允许接收群聊中 @ 机器人的消息。',
        ),
        item(
          'im.message.receive_v1',
          'event',
          'im.message.receive_v1',
          false,
          'Each message arrives as this event.',
          '每条消息都会以该事件送达。',
        ),
      ],
      steps: [
        both(
          'Create an app in the developer console and add the ability “Bot”.',
          '在开发者后台创建应用，并添加“机器人”能力。',
        ),
        both('Paste the request URL under “Events & callbacks”.', '在“事件与回调”中填写请求地址。'),
        both('Publish a version.', '发布一个版本。'),
      ],
    };
  }
  if (platform === 'slack') {
    return {
      webhook_url,
      manifest: {
        display_information: { name: 'Parley' },
        features: {
          bot_user: { display_name: 'Parley', always_online: true },
          slash_commands: [{ command: '/ai', url: webhook_url, description: 'Ask' }],
        },
        oauth_config: { scopes: { bot: ['app_mentions:read', 'chat:write', 'im:history'] } },
        settings: { event_subscriptions: { request_url: webhook_url, bot_events: ['app_mention', 'message.im'] } },
      },
      checklist: [],
      steps: [
        both(
          'Create an app “from a manifest” at api.slack.com/apps and paste this manifest.',
          '在 api.slack.com/apps 选择“从清单创建”，粘贴此清单。',
        ),
        both('Install it to the workspace and copy the bot token.', '安装到工作区并复制机器人令牌。'),
      ],
    };
  }
  return {
    webhook_url,
    checklist: [],
    steps: [
      both('Write to @BotFather, send /newbot and copy the token.', '给 @BotFather 发送 /newbot，复制得到的令牌。'),
    ],
  };
}

function documentOf({ tenants, channels, models }: MockState) {
  const own = (list: MockEntry[]) => list.filter(({ origin }) => origin === 'console').map(({ config }) => config);
  return { version: 1, tenants: own(tenants), channels: own(channels), models: own(models) };
}

function versionOf(state: MockState, version: string | undefined) {
  const one = state.versions.find((candidate) => String(candidate.version) === version);
  if (!one) throw refuse(404, 'not_found', 'Not found');
  return one;
}
