import type { Adapter } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import type { BotIdentity } from './identity.ts';

const SCOPES = [
  'im:message',
  'im:message:send_as_bot',
  'im:message.p2p_msg:readonly',
  'im:message.group_at_msg:readonly',
  'im:message.reactions:write_only',
  'im:resource',
  'cardkit:card:write',
];

/** Asks who the bot is, and says what only a person can set in Feishu's developer console. */
export function createProbe(channel: FeishuChannel, identity: BotIdentity): Adapter['probe'] {
  return async () => {
    const { name, openId } = await identity.ask();
    return { identity: `${name || 'unnamed bot'} (${openId})`, hints: hintsFor(channel) };
  };
}

function hintsFor({ id, transport, credentials, triggers }: FeishuChannel): string[] {
  const hints = [
    transport === 'webhook'
      ? `Events & callbacks: set the request URL to /webhooks/feishu/${id} under the public address of this hub.`
      : 'Events & callbacks: choose "Receive events through persistent connection".',
    'Subscribe to the event im.message.receive_v1.',
    'Optional: subscribe to im.message.recalled_v1 too; a question that is taken back while it waits is not answered then.',
    `Grant the scopes ${SCOPES.join(', ')} and publish a version of the app.`,
  ];
  if (triggers.group === 'command' || triggers.group === 'always') {
    hints.push('To see group messages without a mention, grant the scope im:message.group_msg too.');
  }
  if (transport === 'webhook' && credentials.encrypt_key === undefined) {
    const missing = credentials.verification_token === undefined;
    hints.push(
      missing
        ? 'Set credentials.encrypt_key (Encrypt Key in the console): without it every webhook is refused.'
        : 'Set credentials.encrypt_key too: only then are events signed.',
    );
  }
  return hints;
}
