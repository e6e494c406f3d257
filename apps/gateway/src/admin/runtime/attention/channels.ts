import type { ChannelConfig } from '@parley/core/config';
import { statusOf } from '../../config/channel-status.ts';
import type { Attention, RuntimeParts } from '../types.ts';

/** What is known of a channel costs many reads: several consoles, and one that asks often, see the same. */
const FRESH_MS = 15_000;
/** Channels looked at for one overview. */
const MAX = 200;

type Status = Pick<ReturnType<typeof statusOf>, 'deaf_warning' | 'signature_failures_24h'>;

/** Channels that look well and hear nothing, or are sent what is not signed by their platform. */
export function createChannelLook({ config, channelHealth, now = Date.now }: RuntimeParts) {
  let known = new Map<string, { at: number; status: Promise<Status> }>();

  function statusFor(channel: ChannelConfig): Promise<Status> {
    const kept = known.get(channel.id);
    if (kept && now() - kept.at < FRESH_MS) return kept.status;
    const status = (async () => {
      const facts = await channelHealth?.read(channel.id);
      return facts ? statusOf(channel, facts, undefined, undefined) : { deaf_warning: null, signature_failures_24h: 0 };
    })();
    known.set(channel.id, { at: now(), status });
    return status;
  }

  return async (tenants: readonly string[]): Promise<Attention[]> => {
    const { channels } = config();
    const ids = new Set(channels.map(({ id }) => id));
    known = new Map([...known].filter(([id]) => ids.has(id)));
    const mine = channels.filter(({ tenant }) => tenants.includes(tenant)).slice(0, MAX);
    const statuses = await Promise.all(mine.map(async (channel) => told(channel, await statusFor(channel))));
    return statuses.flat();
  };
}

function told(
  { id, tenant }: ChannelConfig,
  { deaf_warning: deaf, signature_failures_24h: failures }: Status,
): Attention[] {
  const about = { tenant, subject: id, link: `/channels/${encodeURIComponent(id)}` };
  if (failures > 0) {
    const message = {
      en: `${failures} requests to ${id} in the last 24 hours were not signed as they should be`,
      zh: `过去 24 小时内，${id} 收到 ${failures} 个签名不正确的请求`,
    };
    const severity = deaf === 'signature_failures' ? 'error' : 'warning';
    return [{ ...about, kind: 'signature_failures', severity, message }];
  }
  if (deaf === null) return [];
  const message =
    deaf === 'no_events'
      ? { en: `${id} has not received a single event yet`, zh: `${id} 尚未收到任何事件` }
      : { en: `${id} receives events, but none of them is for the bot`, zh: `${id} 能收到事件，但都不是发给机器人的` };
  return [{ ...about, kind: 'deaf_channel', severity: 'warning', message }];
}
