import { crashPoint } from '../telemetry/crash-points.ts';
import { DEDUPE_MS } from './dedupe.ts';
import { type Envelope, TIME_WIDTH, writeEntry } from './entry.ts';
import { EVENTS_CHANNEL, eventName, keys, nameOf, OWN_REFS_CHANNEL } from './keys.ts';
import type { StopReason } from './overlap.ts';
import { OWN_REFS_TTL_MS, ownNotice } from './own-refs.ts';
import type { WakeQueue } from './queue.ts';
import type { RedisClient } from './redis.ts';
import type { ReplicaBarrier } from './replicas.ts';
import { PUBLISH_SCRIPT } from './scripts/publish.ts';
import { defineScript } from './scripts/run.ts';

export type PublishOutcome =
  | 'accepted'
  | 'duplicate'
  /** The mailbox is full; the chat has not been told lately. */
  | 'flooded'
  | 'flooded_quietly'
  /** A `/stop` that ended an answer, or came when the answer was complete. It is done, nothing of it waits. */
  | 'stopped'
  | 'stopped_late';

export interface PublisherOptions {
  redis: RedisClient;
  queue: Pick<WakeQueue, 'wake'>;
  /** Waiting messages one conversation may have. */
  maxMailbox: number;
  /** Absent: a message counts as durable once the master has it. */
  replicated?: ReplicaBarrier | undefined;
}

export interface Publisher {
  /**
   * Resolves once the message is durable and a worker will look at it; rejects when Redis is away.
   *
   * @param stops what it does to the turn that runs: `newer` waits and ends it, `command` ends it and waits only if there
   *   is none
   */
  publish(
    envelope: Envelope,
    dedupeKeys: string[],
    stops?: StopReason,
  ): Promise<{ outcome: PublishOutcome; shardDepth: number }>;
}

const FLOOD_NOTICE_MS = 60_000;

export function createPublisher({ redis, queue, maxMailbox, replicated }: PublisherOptions): Publisher {
  const run = defineScript(redis, 'parleyPublish', PUBLISH_SCRIPT);

  return {
    async publish(envelope, dedupeKeys, stops) {
      const { conversation, channel, notBefore = 0, receivedAt } = envelope;
      // The thread under a question to the bot is the bot's own, from the question on.
      const opened = envelope.message.opensThread ?? '';
      const names = dedupeKeys.map((key) => eventName(channel, key));
      const [outcome, wake, shardDepth] = (await run(
        [
          keys.mailbox(conversation),
          keys.pending(conversation.shard),
          keys.lock(conversation),
          keys.depth(conversation.shard),
          keys.flood(conversation),
          keys.ownRefs(channel, envelope.message.chat.id),
          keys.turn(conversation),
          ...names.map((name) => keys.seen(conversation.shard, name)),
        ],
        [
          conversation.id,
          writeEntry({ ...envelope, names }),
          receivedAt,
          maxMailbox,
          DEDUPE_MS[envelope.platform],
          FLOOD_NOTICE_MS,
          EVENTS_CHANNEL,
          notice(envelope),
          TIME_WIDTH,
          opened,
          OWN_REFS_TTL_MS,
          OWN_REFS_CHANNEL,
          opened && ownNotice(channel, envelope.message.chat.id, [opened]),
          nameOf(conversation),
          stops ?? '',
        ],
      )) as [PublishOutcome, number, number];
      crashPoint('gateway:published');
      if (wake === 1) {
        // What was stopped ends at once, whatever it waits for.
        const waits = outcome === 'stopped' ? 0 : notBefore - receivedAt;
        await queue.wake(conversation, Math.max(0, waits));
      }
      // A duplicate too: what came of its first delivery may not have reached the replicas.
      await replicated?.(conversation.shard);
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
