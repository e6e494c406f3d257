import type { ProbeResult } from '@parley/core/adapter';
import type { SlackChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import type { SlackClient } from './client.ts';

/** Bot scopes without which something the hub does fails. */
const NEEDED_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'groups:history',
  'im:history',
  'mpim:history',
  'chat:write',
  'commands',
  'files:read',
];
/** Only for the "is thinking…" line. */
const OPTIONAL_SCOPES = ['assistant:write'];

const authTest = z.object({
  user: z.string(),
  team: z.string(),
  // From the header x-oauth-scopes; WebClient puts it here.
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

/** Who the bot token belongs to, and what a person still has to set in the app's configuration at api.slack.com. */
export async function probe(client: SlackClient, channel: SlackChannel): Promise<ProbeResult> {
  const answer = authTest.safeParse(await client.call('auth.test', {}));
  if (!answer.success) throw new ParleyError('platform_unavailable', 'Slack did not say whose token this is');
  const { user, team, response_metadata: metadata } = answer.data;
  return {
    identity: `@${user} (${team})`,
    hints: [...transportHints(channel), ...scopeHints(metadata?.scopes)],
  };
}

function transportHints({ id, transport, credentials }: SlackChannel): string[] {
  if (transport === 'socket') {
    return credentials.app_token === undefined
      ? ['Set credentials.app_token: Socket Mode needs an app-level token with the scope connections:write.']
      : ['Socket Mode must be on in the app, with no Request URL in use.'];
  }
  const hints = [
    `Set the Request URL of Event Subscriptions, Slash Commands and Interactivity to PARLEY_PUBLIC_URL/webhooks/slack/${id}.`,
  ];
  if (credentials.signing_secret === undefined) {
    hints.push('Set credentials.signing_secret: without it every webhook is refused.');
  }
  return hints;
}

function scopeHints(granted: string[] | undefined): string[] {
  if (granted === undefined) return [];
  const missing = (scopes: string[]) => scopes.filter((scope) => !granted.includes(scope)).join(', ');
  const needed = missing(NEEDED_SCOPES);
  const optional = missing(OPTIONAL_SCOPES);
  return [
    ...(needed === '' ? [] : [`Grant these bot scopes and reinstall the app: ${needed}.`]),
    ...(optional === '' ? [] : [`Optional bot scopes: ${optional}.`]),
  ];
}
