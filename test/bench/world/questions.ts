import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { type PlatformName, SECRETS, SLACK_APP, SLACK_BOT_USER, SLACK_TEAM } from './people.ts';
import { referenceOf } from './reference.ts';

export interface Asked {
  id: number;
  /** Which chat asks; every chat has one person. */
  chat: number;
  /** Said in a group, and not to the bot. */
  isChatter: boolean;
  path: string;
}

/** One event as its platform sends it: the bytes of a whole HTTP/1.1 request. */
export const QUESTIONS: Record<PlatformName, (asked: Asked) => string> = { slack, telegram, feishu };

function textOf({ id, isChatter }: Asked): string {
  return isChatter ? `I will be there at noon, ${referenceOf(id)}` : `What is the state of ${referenceOf(id)} today?`;
}

function post(path: string, body: string, headers: string): string {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${headers}\r\n${body}`;
}

let lastMicros = 0;

/** Slack's message id: a time with six decimals, never the same twice. */
function slackTime(): string {
  lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
  return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
}

function slack(asked: Asked): string {
  const text = textOf(asked);
  const ts = slackTime();
  const body = JSON.stringify({
    token: 'bench',
    team_id: SLACK_TEAM,
    context_team_id: SLACK_TEAM,
    context_enterprise_id: null,
    api_app_id: SLACK_APP,
    event: {
      user: `U0BENCH${asked.chat}`,
      type: 'message',
      ts,
      client_msg_id: `8b1d2f6e-7f5c-4c3a-9d0e-${String(asked.id).padStart(12, '0')}`,
      text,
      team: SLACK_TEAM,
      blocks: [
        {
          type: 'rich_text',
          block_id: 'xK7Qb',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
        },
      ],
      channel: `${asked.isChatter ? 'C' : 'D'}0BENCH${asked.chat}`,
      event_ts: ts,
      channel_type: asked.isChatter ? 'channel' : 'im',
    },
    type: 'event_callback',
    event_id: `Ev0BENCH${asked.id}`,
    event_time: Math.floor(Number(ts)),
    authorizations: [
      {
        enterprise_id: null,
        team_id: SLACK_TEAM,
        user_id: SLACK_BOT_USER,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: '4-eyJldCI6ImFwcF9tZW50aW9uIiwidGlkIjoiVDA2MUVHOVI2In0',
  });
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', SECRETS.slackSigning).update(`v0:${seconds}:${body}`).digest('hex');
  return post(
    asked.path,
    body,
    `x-slack-request-timestamp: ${seconds}\r\nx-slack-signature: v0=${digest}\r\nuser-agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n`,
  );
}

function telegram(asked: Asked): string {
  const person = { id: 10_000 + asked.chat, first_name: 'Ann', username: `ann${asked.chat}` };
  const chat = asked.isChatter
    ? { id: -1_000_000_000 - asked.chat, title: 'Team', type: 'supergroup' }
    : { ...person, type: 'private' };
  const body = JSON.stringify({
    update_id: asked.id,
    message: {
      message_id: asked.id % 1_000_000_000,
      from: { ...person, is_bot: false, language_code: 'en' },
      chat,
      date: Math.floor(Date.now() / 1000),
      text: textOf(asked),
    },
  });
  return post(asked.path, body, `x-telegram-bot-api-secret-token: ${SECRETS.telegramSecret}\r\n`);
}

const feishuKey = createHash('sha256').update(SECRETS.feishuEncrypt).digest();

function feishu(asked: Asked): string {
  const now = Date.now();
  const event = JSON.stringify({
    schema: '2.0',
    header: {
      event_id: `bench${asked.id}`,
      event_type: 'im.message.receive_v1',
      create_time: String(now),
      token: SECRETS.feishuToken,
      app_id: 'cli_bench',
      tenant_key: '2ca1d211f64f6438',
    },
    event: {
      sender: {
        sender_id: { union_id: `on_bench${asked.chat}`, user_id: `b${asked.chat}`, open_id: `ou_bench${asked.chat}` },
        sender_type: 'user',
        tenant_key: '2ca1d211f64f6438',
      },
      message: {
        message_id: `om_bench${asked.id}`,
        create_time: String(now),
        update_time: String(now),
        chat_id: `oc_bench${asked.isChatter ? 'group' : ''}${asked.chat}`,
        chat_type: asked.isChatter ? 'group' : 'p2p',
        message_type: 'text',
        content: JSON.stringify({ text: textOf(asked) }),
        mentions: asked.isChatter ? undefined : [],
      },
    },
  });
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', feishuKey, iv);
  const encrypt = Buffer.concat([iv, cipher.update(event, 'utf8'), cipher.final()]).toString('base64');
  const body = JSON.stringify({ encrypt });
  const seconds = String(Math.floor(now / 1000));
  const nonce = String(asked.id);
  const signature = createHash('sha256')
    .update(seconds + nonce + SECRETS.feishuEncrypt + body)
    .digest('hex');
  return post(
    asked.path,
    body,
    `x-lark-request-timestamp: ${seconds}\r\nx-lark-request-nonce: ${nonce}\r\nx-lark-signature: ${signature}\r\n`,
  );
}
