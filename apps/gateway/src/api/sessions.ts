import type { RedisClient } from '@parley/core/bus';
import type { TenantConfig } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { ChatMessage } from '@parley/core/provider';

/** What was said in a caller's session, masked; as long and as much as the tenant's `session` says. */
export interface Sessions {
  load(conversation: string, session: TenantConfig['session']): Promise<ChatMessage[]>;
  append(
    conversation: string,
    session: TenantConfig['session'],
    said: { question: string; answer: string },
  ): Promise<void>;
}

export function createSessions(redis: RedisClient): Sessions {
  const keyOf = (conversation: string) => `parley:session:${conversation}`;
  const guarded = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw new ParleyError('unavailable', 'Redis cannot be reached for the session', { cause, retryAfterMs: 2000 });
    });
  return {
    async load(conversation, { turns }) {
      if (turns === 0) return [];
      const said = await guarded(redis.lrange(keyOf(conversation), -2 * turns, -1));
      return said.map((text) => JSON.parse(text) as ChatMessage);
    },
    async append(conversation, { turns, ttl_seconds }, { question, answer }) {
      if (turns === 0) return;
      const key = keyOf(conversation);
      const messages: ChatMessage[] = [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ];
      const all = redis
        .multi()
        .rpush(key, ...messages.map((message) => JSON.stringify(message)))
        .ltrim(key, -2 * turns, -1)
        .pexpire(key, ttl_seconds * 1000);
      await guarded(all.exec());
    },
  };
}
