import type { Adapter } from '@parley/core/adapter';
import { threadOf } from './chats.ts';
import type { Client } from './client.ts';

/** Telegram shows the action for 5 s, or until a message arrives: there is nothing to stop. */
const INTERVAL_MS = 4_000;

/** "… is typing" in the chat or topic. A late one is worth nothing, so it gives up before the next is due. */
export function createTyping(client: Client): Required<Pick<Adapter, 'startTyping' | 'typingIntervalMs'>> {
  return {
    typingIntervalMs: INTERVAL_MS,
    async startTyping(target) {
      await client.call(
        'sendChatAction',
        { chat_id: Number(target.chat.id), action: 'typing', message_thread_id: threadOf(target) },
        { timeoutMs: INTERVAL_MS },
      );
    },
  };
}
