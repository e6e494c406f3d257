import type { ChannelConfig } from '@parley/core/config';
import { z } from 'zod';
import { type ChannelFacts, TAKEN } from './channel-health.ts';

export const channelStatusSchema = z.object({
  webhook_url: z.string().nullable(),
  transport: z.string(),
  last_event_at: z.string().nullable(),
  last_message_at: z.string().nullable(),
  last_reply_at: z.string().nullable(),
  events_24h: z.number(),
  signature_failures_24h: z.number(),
  last_signature_failure_at: z.string().nullable(),
  ignored_24h: z.record(z.string(), z.number()),
  deaf_warning: z.enum(['no_events', 'only_ignored', 'signature_failures']).nullable(),
  seen: z.array(z.string()),
});
export type ChannelStatus = z.output<typeof channelStatusSchema>;

const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

/** Where a platform sends a channel's events; undefined without a public address or with a long connection. */
export function webhookUrlOf(
  channel: Pick<ChannelConfig, 'id' | 'platform' | 'transport'>,
  publicUrl: string | undefined,
) {
  if (channel.transport !== 'webhook' || publicUrl === undefined) return undefined;
  return `${publicUrl}/webhooks/${channel.platform}/${channel.id}`;
}

/** What an operator should know of a channel, and whether it only seems to be well. */
export function statusOf(
  channel: ChannelConfig,
  facts: ChannelFacts,
  lastReplyAt: number | undefined,
  publicUrl: string | undefined,
): ChannelStatus {
  const { outcomes } = facts;
  const failures = outcomes.refused_unauthorized ?? 0;
  const ignored = Object.entries(outcomes).filter(([name]) => !TAKEN.has(name) && !name.startsWith('refused_'));
  const taken = Object.entries(outcomes).filter(([name]) => TAKEN.has(name));
  const sum = (entries: [string, number][]) => entries.reduce((total, [, count]) => total + count, 0);
  return {
    webhook_url: webhookUrlOf(channel, publicUrl) ?? null,
    transport: channel.transport,
    last_event_at: iso(facts.lastEventAt),
    last_message_at: iso(facts.lastMessageAt),
    last_reply_at: iso(lastReplyAt),
    events_24h: sum(ignored) + sum(taken),
    signature_failures_24h: failures,
    last_signature_failure_at: iso(facts.lastSignatureFailureAt),
    ignored_24h: Object.fromEntries(ignored),
    deaf_warning: deafness(facts, failures, sum(ignored), sum(taken)),
    seen: facts.seen,
  };
}

/** A channel can look well and hear nothing: a wrong secret, an event that is not subscribed, a bot nobody addresses. */
function deafness(
  facts: ChannelFacts,
  failures: number,
  ignored: number,
  taken: number,
): ChannelStatus['deaf_warning'] {
  const { lastEventAt, lastSignatureFailureAt = 0 } = facts;
  if (failures > 0 && lastSignatureFailureAt > (lastEventAt ?? 0)) return 'signature_failures';
  if (lastEventAt === undefined) return 'no_events';
  return taken === 0 && ignored > 0 ? 'only_ignored' : null;
}
