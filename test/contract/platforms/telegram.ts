import { startTelegramSimulator, type TelegramSimulator } from '@parley/simulators/telegram';
import type { Live, PlatformDescriptor } from '../descriptor.ts';

const HEADER = 'x-telegram-bot-api-secret-token';
const ME = {
  id: 123456789,
  is_bot: true,
  first_name: 'Acme Assistant',
  username: 'acme_bot',
  can_join_groups: true,
  can_read_all_group_messages: true,
};
const ok = (result: unknown) => ({ body: { ok: true, result } });

export const telegram: PlatformDescriptor = {
  platform: 'telegram',
  secrets: ['bot_token', 'webhook_secret'],
  spoil: (credentials) => ({ ...credentials, bot_token: `${credentials.bot_token?.slice(0, -2)}zz` }),

  recorded: {
    credentials: { bot_token: `${ME.id}:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp`, webhook_secret: 'Webhook-Secret_1' },
    ownNames: ['@acme_bot', 'Acme Assistant'],
    identity: (path) => (path.endsWith('/getMe') ? ok(ME) : undefined),
    file(path, _origin, bytes) {
      if (path.endsWith('/getFile')) return ok({ file_id: 'f', file_unique_id: 'u', file_path: 'documents/a b.pdf' });
      return path.startsWith('/file/bot') ? { body: bytes } : undefined;
    },
  },

  verification: [
    {
      name: 'the secret token',
      proof: ['webhook_secret'],
      provable: ['webhook_secret'],
      headers: [HEADER],
      inBody: false,
      coversBody: false,
    },
  ],
  request: (payload, { credentials, spaced, text }) => ({
    headers: { 'content-type': 'application/json', [HEADER]: credentials.webhook_secret },
    rawBody: Buffer.from(text ?? JSON.stringify('json' in payload ? payload.json : payload.form, null, spaced ? 2 : 0)),
    query: {},
  }),

  situations: {
    direct: 'private-text',
    groupMention: 'group-mention',
    bareMention: 'group-mention-only',
    groupChatter: 'group-chatter',
    thread: 'topic-mention',
    replyToBot: 'group-reply-to-bot',
    file: 'private-document',
    askCommand: 'group-command-this-bot',
    resetCommand: 'group-mention-then-command',
    otherBotCommand: 'group-command-other-bot',
    ownMessage: 'group-own-message',
    otherBotMessage: 'group-other-bot',
    edit: 'edited-message',
    join: 'service-new-chat-members',
    handshake: 'Telegram has no handshake: the hub itself calls setWebhook.',
    secondEvent: 'Telegram sends one update for one message.',
  },

  live: {
    start: () => startTelegramSimulator({ speedup: 100 }),
    async command(simulator, { chat, kind, name, args }) {
      const { bot } = simulator as TelegramSimulator;
      // In a group people pick the command from a list, which adds the bot's name.
      const called = kind === 'group' ? `/${name}@${bot.username}` : `/${name}`;
      return simulator.say({ chat, kind, text: `${called} ${args}`.trim() });
    },
    openThread: async () => 'a topic',
    isTyping: (simulator, { chat }) => (simulator as TelegramSimulator).isTyping(chat),
    transport: 'polling',
  } satisfies Live,

  outgoing: {
    sends: /^sendMessage$/,
    edits: /^editMessageText$/,
    markupRefused: "Bad Request: can't parse entities: Unsupported start tag",
    refusal: { ok: false, error_code: 400, description: 'Bad Request: chat not found' },
    /** "1-4096 characters after entities parsing": https://core.telegram.org/bots/api#sendmessage */
    size: ({ text }) => visible(String(text)).length,
    limit: 4096,
    plainLimit: 4096,
    pings({ raw }) {
      const { text, parse_mode: mode } = raw as { text: string; parse_mode?: string };
      // Names inside code are not linked; everywhere else the server itself finds them, whatever tags stand between.
      const shown = mode ? visible(text.replace(/<(pre|code)\b[^>]*>[\s\S]*?<\/\1>/g, ' ')) : text;
      const links = mode ? (text.match(/href="tg:\/\/user[^"]*"/gi) ?? []) : [];
      return [...links, ...(shown.match(/(?<![\w@/])@[a-z]\w{2,}/gi) ?? [])];
    },
  },
};

function visible(html: string): string {
  const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
  return html.replace(/<[^>]*>/g, '').replace(/&(?:lt|gt|quot|amp);/g, (entity) => entities[entity] ?? entity);
}
