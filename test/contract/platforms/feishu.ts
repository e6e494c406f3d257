import { encrypt, type FeishuSimulator, signatureHeaders, startFeishuSimulator } from '@parley/simulators/feishu';
import type { Credentials, PlatformDescriptor, Verification } from '../descriptor.ts';

const PROVABLE = ['encrypt_key', 'verification_token'];
const SIGNED: Omit<Verification, 'name' | 'proof' | 'inBody'> = {
  provable: PROVABLE,
  headers: ['x-lark-signature', 'x-lark-request-timestamp', 'x-lark-request-nonce'],
  coversBody: true,
  // Feishu redelivers for about seven hours and does not say whether it signs anew.
  window: { ageMs: 8 * 3_600_000, aheadMs: 300_000 },
};

export const feishu: PlatformDescriptor = {
  platform: 'feishu',
  secrets: ['app_secret', 'encrypt_key', 'verification_token'],
  spoil: (credentials) => ({ ...credentials, app_secret: `${credentials.app_secret?.slice(0, -2)}zz` }),

  recorded: {
    credentials: {
      app_id: 'cli_9f5343c580712544',
      app_secret: 'recorded-app-secret',
      encrypt_key: 'kudryavka',
      verification_token: 'v7Qj0example0verification0token',
    },
    ownNames: ['@Parley', '@_user_1', 'ou_b0700000000000000000000000000b07'],
    identity(path) {
      if (path.includes('/auth/v3/tenant_access_token/')) {
        return { body: { code: 0, msg: 'ok', tenant_access_token: 't-recordedtenanttoken', expire: 7200 } };
      }
      const bot = { open_id: 'ou_b0700000000000000000000000000b07', app_name: 'Parley' };
      return path === '/open-apis/bot/v3/info' ? { body: { code: 0, msg: 'ok', bot } } : undefined;
    },
    file: (path, _origin, bytes) => (path.includes('/resources/') ? { body: bytes } : undefined),
  },

  verification: [
    { ...SIGNED, name: 'the signature and the token', proof: PROVABLE, inBody: true },
    { ...SIGNED, name: 'the signature', proof: ['encrypt_key'], inBody: false },
    {
      name: 'the token alone',
      proof: ['verification_token'],
      provable: PROVABLE,
      headers: [],
      inBody: true,
      coversBody: false,
    },
  ],
  request(payload, { credentials, at, spaced, text }) {
    const json = withToken('json' in payload ? payload.json : payload.form, credentials);
    const inner = text ?? JSON.stringify(json, null, spaced ? 2 : 0);
    const key = credentials.encrypt_key;
    if (key === undefined) return { headers: {}, rawBody: Buffer.from(inner), query: {} };
    const body = JSON.stringify({ encrypt: encrypt(inner, key) }, null, spaced ? 2 : 0);
    // A challenge is encrypted, but never signed.
    const isChallenge = json.type === 'url_verification' && text === undefined;
    const signed = isChallenge ? {} : signatureHeaders(body, key, at);
    const headers = Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]));
    return { headers, rawBody: Buffer.from(body), query: {} };
  },

  situations: {
    direct: 'text_direct',
    groupMention: 'text_group_mention',
    bareMention: 'text_group_bare_mention',
    groupChatter: 'text_group_plain',
    thread: 'text_thread_reply',
    replyToBot: 'text_group_quote_reply',
    file: 'file_direct',
    askCommand: 'text_group_command',
    resetCommand: 'text_direct_command',
    otherBotCommand: 'A mention, not the command, says which bot of a group is meant.',
    ownMessage: 'text_from_self',
    otherBotMessage: 'text_from_bot',
    edit: 'message_recalled',
    join: 'bot_added',
    handshake: 'url_verification',
    secondEvent: 'v1_text_direct + v2_text_direct_again',
  },

  live: {
    start: () => startFeishuSimulator({ speedup: 1000, spacedJson: true }),
    command: async (simulator, { chat, kind, name, args }) =>
      simulator.say({ chat, kind, mentionBot: kind === 'group', text: `/${name} ${args}`.trim() }),
    openThread: async () => 'a thread',
    isTyping: (simulator, { id }) => (simulator as FeishuSimulator).reactions(id).length > 0,
    handshake: async (simulator) => (await (simulator as FeishuSimulator).checkUrl()).passed,
    transport: 'socket',
  },

  outgoing: {
    sends: /^im\.message\.(create|reply)$/,
    edits: /^im\.message\.(patch|update)$/,
    markupRefused: '230099',
    refusal: { code: 230002, msg: 'The bot can not be outside the group.' },
    /** A card's request, in which the card is a JSON string: https://open.feishu.cn/document/server-docs/im-v1/message/create */
    size: (card) => Buffer.byteLength(JSON.stringify({ msg_type: 'interactive', content: JSON.stringify(card) })),
    limit: 30 * 1024,
    plainLimit: 45_000,
    pings({ raw }) {
      const { msg_type: type, content } = raw as { msg_type: string; content: string };
      // Text messages know `<at>` alone; the markdown of a card also shows people by `<person>`.
      const live = type === 'text' ? /<\s*\/?\s*at\b[^>]*>?/gi : /<\s*\/?\s*(?:at|person)\b[^>]*>?/gi;
      return strings(JSON.parse(content)).flatMap(([key, value]) =>
        key === 'tag' ? (value.match(/^(?:at|person)$/g) ?? []) : (value.match(live) ?? []),
      );
    },
  },
};

function withToken(payload: unknown, { verification_token: token }: Credentials): Record<string, unknown> {
  const body = payload as Record<string, unknown>;
  if (body.header === undefined) return { ...body, token };
  return { ...body, header: { ...(body.header as object), token } };
}

/** Every string in a value, with the name of the field it stands in. */
function strings(value: unknown, name = ''): [string, string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => strings(child, key));
}
