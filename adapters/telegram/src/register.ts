import { createHmac } from 'node:crypto';
import type { AdapterDeps } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { Language } from '@parley/core/message';
import type { Client } from './client.ts';
import type { BotIdentity } from './identity.ts';
import { ALLOWED_UPDATES } from './update.ts';

export interface Register {
  /** Points the bot's webhook at `webhookUrl` and names its commands; calls nothing that already stands. */
  webhook(webhookUrl: string): Promise<void>;
  /** The commands alone, for channels that poll. */
  commands(signal?: AbortSignal): Promise<void>;
}

/** Telegram's default, said aloud so that it can be compared. Deliveries of one chat come one by one anyway. */
const MAX_CONNECTIONS = 40;
const SECRET_MARK_TTL_MS = 30 * 86_400_000;

export function createRegister(
  channel: TelegramChannel,
  client: Client,
  bot: BotIdentity,
  { cache }: Pick<AdapterDeps, 'cache'>,
): Register {
  const { bot_token: token, webhook_secret: secret } = channel.credentials;

  async function commands(signal?: AbortSignal): Promise<void> {
    for (const language of ['en', 'zh'] as const) {
      // English is what everybody sees who has no language of their own.
      const scope = language === 'en' ? {} : { language_code: language };
      const wanted = commandList(channel.triggers.commands, language);
      const present = await client.call('getMyCommands', scope, { signal });
      if (sameCommands(present, wanted)) continue;
      await client.call('setMyCommands', { commands: wanted, ...scope }, { signal });
    }
  }

  async function webhook(webhookUrl: string): Promise<void> {
    if (secret === undefined) {
      throw new ParleyError('invalid_config', `channel ${channel.id}: a webhook needs credentials.webhook_secret`);
    }
    const info = await client.call('getWebhookInfo', {});
    const stands =
      info.url === webhookUrl &&
      info.max_connections === MAX_CONNECTIONS &&
      sameSet(info.allowed_updates ?? [], ALLOWED_UPDATES);
    // Telegram does not tell which secret it holds, so a mark of the one we set last is kept. Lost: set once more.
    const markKey = `telegram:${bot.id}:webhook`;
    const mark = createHmac('sha256', token).update(`${webhookUrl}\n${secret}`).digest('base64url');
    const marked = stands && (await cache.get(markKey).catch(() => undefined)) === mark;
    if (!marked) {
      await client.call('setWebhook', {
        url: webhookUrl,
        secret_token: secret,
        allowed_updates: ALLOWED_UPDATES,
        max_connections: MAX_CONNECTIONS,
        drop_pending_updates: false,
      });
      await cache.set(markKey, mark, SECRET_MARK_TTL_MS).catch(() => undefined);
    }
    await commands();
  }

  return { webhook, commands };
}

interface BotCommand {
  command: string;
  description: string;
}

const DESCRIPTIONS = {
  ask: { en: 'Ask the assistant', zh: '向助手提问' },
  help: { en: 'What I can do', zh: '使用帮助' },
  reset: { en: 'Start a new conversation', zh: '开始新的对话' },
  stop: { en: 'Stop the answer', zh: '停止回答' },
  model: { en: 'Show or pick the model', zh: '查看或选择模型' },
  quota: { en: 'What is left', zh: '查看剩余额度' },
} satisfies Record<string, Record<Language, string>>;

/** The words that ask (`triggers.commands`, as a rule `/ai`), then what the hub itself understands. */
function commandList(asking: string[], language: Language): BotCommand[] {
  const own = (['help', 'reset', 'stop', 'model', 'quota'] as const).map((command) => ({
    command: command as string,
    description: DESCRIPTIONS[command][language],
  }));
  const taken = new Set(own.map(({ command }) => command));
  const ask = [...new Set(asking.map((command) => command.slice(1)))].filter((command) => !taken.has(command));
  return [...ask.map((command) => ({ command, description: DESCRIPTIONS.ask[language] })), ...own];
}

function sameCommands(present: readonly BotCommand[], wanted: BotCommand[]): boolean {
  const line = ({ command, description }: BotCommand) => `${command} ${description}`;
  return present.map(line).join('\n') === wanted.map(line).join('\n');
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry) => other.includes(entry));
}
