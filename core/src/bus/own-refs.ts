import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { keys, OWN_REFS_CHANNEL } from './keys.ts';
import { listenFor } from './notices.ts';
import type { RedisClient } from './redis.ts';

/** How long a message or thread of the bot is known as its own after the last one in that chat. */
export const OWN_REFS_TTL_MS = 14 * 86_400_000;

const REMEMBERED = 50_000;
/** Bounds how long an answer may be wrong after a notice was missed while Redis was away. */
const REMEMBER_MS = 10 * 60_000;

/**
 * Knows which messages and threads are the bot's own. A thread is looked up in Redis once and then remembered, yes or
 * no, so that chatter in other people's threads costs nothing; workers announce new ones over Pub/Sub.
 */
export interface OwnRefs {
  isOwn(channel: string, chat: string, refs: string[]): Promise<boolean>;
  close(): Promise<void>;
}

/** @param subscriber a connection of its own: one that subscribes can do nothing else; closed by `close` */
export function createOwnRefs(redis: RedisClient, subscriber: RedisClient): OwnRefs {
  const known = new LRUCache<string, boolean>({ max: REMEMBERED, ttl: REMEMBER_MS });
  const name = (channel: string, chat: string, ref: string) => JSON.stringify([channel, chat, ref]);

  // While disconnected announcements are missed: forget every "no".
  subscriber.on('ready', () => known.clear());
  listenFor(subscriber, OWN_REFS_CHANNEL, notice, ({ channel, chat, refs }) => {
    for (const ref of refs) known.set(name(channel, chat, ref), true);
  });

  return {
    async isOwn(channel, chat, refs) {
      const unknown: string[] = [];
      for (const ref of refs) {
        const answer = known.get(name(channel, chat, ref));
        if (answer) return true;
        if (answer === undefined) unknown.push(ref);
      }
      if (unknown.length === 0) return false;
      const scores = await redis.zmscore(keys.ownRefs(channel, chat), ...unknown);
      const answers = unknown.map((ref, i) => {
        const named = name(channel, chat, ref);
        // A notice that came meanwhile is newer than this answer.
        const isOwn = scores[i] !== null || known.get(named) === true;
        known.set(named, isOwn);
        return isOwn;
      });
      return answers.includes(true);
    },
    async close() {
      subscriber.disconnect();
    },
  };
}

/** What is announced when the bot has new messages or threads of its own. */
export function ownNotice(channel: string, chat: string, refs: string[]): string {
  return JSON.stringify({ channel, chat, refs });
}

const notice = z.object({ channel: z.string(), chat: z.string(), refs: z.array(z.string()) });
