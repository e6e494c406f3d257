import { createRateWindow } from '../shared/index.ts';
import { feishuError } from './errors.ts';

/** The published rate limits: each method throws 230020, or returns seconds to wait where the gateway throttles. */
export interface Limits {
  /** 5 messages a second to one chat, all senders together. */
  send(chatId: string): void;
  /** 5 updates a second of one message. */
  update(messageId: string): void;
  /** 10 operations a second on one card entity. */
  card(cardId: string): void;
  /** 50 calls a second of one method; 0 when the call may pass. */
  call(method: string): number;
}

/** Makes the limits; with `enforce` false everything passes. */
export function createLimits(enforce: boolean, now: () => number): Limits {
  const sends = createRateWindow({ limit: 5, windowMs: 1_000 });
  const updates = createRateWindow({ limit: 5, windowMs: 1_000 });
  const cards = createRateWindow({ limit: 10, windowMs: 1_000 });
  const calls = createRateWindow({ limit: 50, windowMs: 1_000 });

  function guard(waitMs: number): void {
    if (waitMs > 0) throw feishuError(230020);
  }

  return {
    send: (chatId) => guard(enforce ? sends.take(chatId, now()) : 0),
    update: (messageId) => guard(enforce ? updates.take(messageId, now()) : 0),
    card: (cardId) => guard(enforce ? cards.take(cardId, now()) : 0),
    call: (method) => (enforce ? Math.ceil(calls.take(method, now()) / 1_000) : 0),
  };
}
