import type { Adapter } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import type { WebhookInfo } from 'telegraf/types';
import type { Client } from './client.ts';

/** Who the token belongs to, and what keeps messages from reaching the hub. */
export function createProbe(channel: TelegramChannel, client: Client): Adapter['probe'] {
  return async () => {
    const me = await client.call('getMe', {});
    const info = await client.call('getWebhookInfo', {});
    const hints = channel.transport === 'webhook' ? webhookHints(channel, info) : pollingHints(info);
    if (!me.can_join_groups) {
      hints.push('The bot cannot be added to groups (@BotFather: /setjoingroups, Enable).');
    }
    if (!me.can_read_all_group_messages) {
      hints.push(
        `Privacy mode is on: in groups the bot sees only mentions of @${me.username}, replies to it and commands. ` +
          'To let it see every message send /setprivacy to @BotFather, choose Disable, and add the bot to the group anew.',
      );
    }
    return { identity: `@${me.username}`, hints };
  };
}

function webhookHints(channel: TelegramChannel, info: WebhookInfo): string[] {
  const hints: string[] = [];
  if (!channel.credentials.webhook_secret) {
    hints.push('credentials.webhook_secret is not set: every webhook request is refused.');
  }
  if (!info.url) hints.push('No webhook is set: the hub sets it when it starts with PARLEY_PUBLIC_URL.');
  if (info.pending_update_count > 0) hints.push(`${info.pending_update_count} updates wait to be delivered.`);
  if (info.last_error_message) {
    const at = info.last_error_date ? ` at ${new Date(info.last_error_date * 1000).toISOString()}` : '';
    hints.push(`Telegram's last delivery failed${at}: ${info.last_error_message}`);
  }
  return hints;
}

function pollingHints(info: WebhookInfo): string[] {
  return info.url ? ['A webhook is set; it is removed when the hub starts to poll.'] : [];
}
