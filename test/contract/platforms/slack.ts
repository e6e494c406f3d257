import { type SlackSimulator, signatureHeaders, startSlackSimulator } from '@parley/simulators/slack';
import type { Payload, PlatformDescriptor } from '../descriptor.ts';

export const slack: PlatformDescriptor = {
  platform: 'slack',
  secrets: ['bot_token', 'signing_secret', 'app_token'],
  spoil: (credentials) => ({ ...credentials, bot_token: `${credentials.bot_token?.slice(0, -2)}zz` }),

  recorded: {
    credentials: { bot_token: 'xoxb-recorded-bot-token', signing_secret: '8f742231b10e8888abcd99yyyzzz85a5' },
    ownNames: ['U0LAN0Z89', '@parley'],
    payload(name, content) {
      if (name.startsWith('interaction_')) return { form: { payload: JSON.stringify(content) } };
      const isForm = name.startsWith('command_') || name === 'ssl_check';
      return isForm ? { form: content as Record<string, string> } : { json: content };
    },
    identity(path) {
      if (path !== '/api/auth.test') return undefined;
      return { body: { ok: true, user_id: 'U0LAN0Z89', bot_id: 'B0LAN0Z8A', user: 'parley', team: 'Acme' } };
    },
    file(path, origin, bytes) {
      const file = { mimetype: 'image/jpeg', url_private_download: `${origin}/files-pri/T1-F1/download/river.jpg` };
      if (path === '/api/files.info') return { body: { ok: true, file } };
      return path.startsWith('/files-pri/') ? { body: bytes } : undefined;
    },
  },

  verification: [
    {
      name: 'the signature',
      proof: ['signing_secret'],
      provable: ['signing_secret'],
      headers: ['x-slack-signature', 'x-slack-request-timestamp'],
      inBody: false,
      coversBody: true,
      window: { ageMs: 300_000, aheadMs: 300_000 },
    },
  ],
  request(payload, { credentials, at, spaced = false, text = encode(payload, spaced) }) {
    const type = 'form' in payload ? 'application/x-www-form-urlencoded; charset=utf-8' : 'application/json';
    const signed = signatureHeaders(credentials.signing_secret ?? '', text, Math.floor(at / 1000));
    return { headers: { 'content-type': type, ...signed }, rawBody: Buffer.from(text), query: {} };
  },

  situations: {
    direct: 'event_message_im',
    groupMention: 'event_app_mention',
    bareMention: 'event_app_mention_empty',
    groupChatter: 'event_message_channel',
    thread: 'event_message_thread_reply',
    replyToBot: 'event_message_thread_reply_to_bot',
    file: 'event_message_file_only',
    askCommand: 'command_ask',
    resetCommand: 'command_reset',
    otherBotCommand: 'Slack tells an app of its own commands only.',
    ownMessage: 'event_message_own',
    otherBotMessage: 'event_message_bot',
    edit: 'event_message_changed',
    join: 'event_member_joined_channel',
    handshake: 'url_verification',
    secondEvent: 'event_app_mention + event_message_channel_mention',
  },

  live: {
    start: () => startSlackSimulator({ speedup: 10_000 }),
    async command(simulator, { chat, kind, name, args }) {
      const slackSimulator = simulator as SlackSimulator;
      // An app registers one command; the hub's others are its first word.
      const text = name === 'ai' ? args : `${name} ${args}`.trim();
      const { triggerId } = await slackSimulator.slash({ chat, kind, command: '/ai', text });
      return { id: triggerId, chat: slackSimulator.chatId(chat) };
    },
    openThread: async (simulator, chat) => (await simulator.say({ chat, kind: 'group', text: 'a thread' })).id,
    isTyping: (simulator, { chat, id, thread }) =>
      (simulator as SlackSimulator).threadStatus(chat, thread ?? id) !== undefined,
    handshake: async (simulator) => (await (simulator as SlackSimulator).urlVerification()).ok,
    transport: 'socket',
  },

  outgoing: {
    sends: /^(chat\.postMessage|response_url)$/,
    edits: /^chat\.update$/,
    markupRefused: 'invalid_blocks',
    refusal: { ok: false, error: 'channel_not_found' },
    /** All markdown blocks together: https://docs.slack.dev/reference/block-kit/blocks/markdown-block */
    size: ({ blocks }) => (blocks as SentBlock[]).map(({ text }) => String(text ?? '')).join('').length,
    limit: 12_000,
    plainLimit: 40_000,
    pings({ raw }) {
      const { text = '', blocks, parse, link_names: linkNames } = raw as SentPost;
      // A form carries the blocks as JSON.
      const list = typeof blocks === 'string' ? (JSON.parse(blocks) as SentBlock[]) : blocks;
      const texts = [text, ...(list ?? []).map((block) => String(block.text ?? ''))];
      const named = parse === 'full' || linkNames ? (text.match(/@\w+/g) ?? []) : [];
      const special = /<(?:!(?:here|channel|everyone|group|subteam\b)|@[UW])[^<>]*>/g;
      return [...named, ...texts.flatMap((one) => one.match(special) ?? [])];
    },
  },
};

type SentBlock = { text?: unknown };

interface SentPost {
  text?: string;
  blocks?: string | SentBlock[];
  parse?: string;
  link_names?: unknown;
}

/** A form may write a space as `+` or `%20`, and JSON may stand on many lines: both are signed as they are sent. */
function encode(payload: Payload, spaced: boolean): string {
  if ('json' in payload) return JSON.stringify(payload.json, null, spaced ? 2 : 0);
  const form = new URLSearchParams(payload.form).toString();
  return spaced ? form.replaceAll('+', '%20') : form;
}
