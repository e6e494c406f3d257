import type { Message, Platform } from '../message/index.ts';
import { crashPoint } from '../telemetry/crash-points.ts';
import { TIME_WIDTH, writeEntry } from './entry.ts';
import { type ConversationAddress, EVENTS_CHANNEL, keys, OWN_REFS_CHANNEL } from './keys.ts';
import { OWN_REFS_TTL_MS, ownNotice } from './own-refs.ts';
import type { WakeQueue } from './queue.ts';
import type { RedisClient } from './redis.ts';
import { PUBLISH_SCRIPT } from './scripts/publish.ts';
import { defineScript } from './scripts/run.ts';

/** A message in the mailbox: all a worker needs to answer it, whichever process it came through. */
export interface Envelope {
  /** The turn's id, which is the request id people see as a reference. */
  turn: string;
  tenant: string;
  channel: string;
  platform: Platform;
  conversation: ConversationAddress;
  message: Message;
  /** When the hub received the event; Unix ms. */
  receivedAt: number;
}

export type PublishOutcome =
  | 'accepted'
  | 'duplicate'
  /** The mailbox is full; the chat has not been told lately. */
  | 'flooded'
  | 'flooded_quietly';

export interface PublisherOptions {
  redis: RedisClient;
  queue: WakeQueue;
  /** Waiting messages one conversation may have. */
  maxMailbox: number;
}

export interface Publisher {
  /** Resolves once the message is durable and a worker will look at it; rejects when Redis is away. */
  publish(envelope: Envelope, dedupeKeys: string[]): Promise<{ outcome: PublishOutcome; shardDepth: number }>;
}

/**
 * How long a delivered event is remembered. Longer than every platform's redelivery ladder: Slack about 1 h, Feishu 6 h
 * and duplicates after it, Telegram 24 h.
 */
const DEDUPE_MS = 25 * 3_600_000;
const FLOOD_NOTICE_MS = 60_000;

export function createPublisher({ redis, queue, maxMailbox }: PublisherOptions): Publisher {
  const run = defineScript(redis, 'parleyPublish', PUBLISH_SCRIPT);

  return {
    async publish(envelope, dedupeKeys) {
      const { conversation, channel } = envelope;
      // The thread under a question to the bot is the bot's own, from the question on.
      const opened = envelope.message.opensThread ?? '';
      const seen = dedupeKeys.map((key) => keys.seen(conversation.shard, channel, key));
      const [outcome, wake, shardDepth] = (await run(
        [
          keys.mailbox(conversation),
          keys.pending(conversation.shard),
          keys.lock(conversation),
          keys.depth(conversation.shard),
          keys.flood(conversation),
          keys.ownRefs(channel, envelope.message.chat.id),
          ...seen,
        ],
        [
          conversation.id,
          writeEntry(envelope),
          envelope.receivedAt,
          maxMailbox,
          DEDUPE_MS,
          FLOOD_NOTICE_MS,
          EVENTS_CHANNEL,
          notice(envelope),
          TIME_WIDTH,
          opened,
          OWN_REFS_TTL_MS,
          OWN_REFS_CHANNEL,
          opened && ownNotice(channel, envelope.message.chat.id, [opened]),
        ],
      )) as [PublishOutcome, number, number];
      crashPoint('gateway:published');
      if (wake === 1) await queue.wake(conversation);
      return { outcome, shardDepth };
    },
  };
}

/** What live views hear of a message: that there is one, never what it says. */
function notice(envelope: Envelope): string {
  return JSON.stringify({
    platform: envelope.platform,
    channel: envelope.channel,
    conversation: envelope.conversation.id,
    kind: 'message',
    timestamp: envelope.receivedAt,
  });
}
