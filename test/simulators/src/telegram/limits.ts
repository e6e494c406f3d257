import { createRateWindow } from '../shared/index.ts';

/**
 * Telegram's published limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about one
 * message a second to a chat (short bursts may pass), 20 a minute to a group, 30 a second in all.
 */
export function createLimits(): { waitSeconds(chatId: number, isGroup: boolean): number } {
  // A little short of three seconds, so that senders whose clocks jitter are not punished.
  const perChat = createRateWindow({ limit: 3, windowMs: 2_900 });
  const perGroup = createRateWindow({ limit: 20, windowMs: 60_000 });
  const overall = createRateWindow({ limit: 30, windowMs: 1_000 });

  return {
    waitSeconds(chatId, isGroup) {
      const key = String(chatId);
      const waitMs = overall.take('') || (isGroup && perGroup.take(key)) || perChat.take(key);
      return Math.ceil(waitMs / 1000);
    },
  };
}
