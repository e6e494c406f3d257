import type { PlatformLimits } from '@parley/core/adapter';

/**
 * https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about one message a second in a chat,
 * 20 a minute in a group, about 30 a second in all. Only for the first are bursts tolerated, so in the others burst and
 * refill together stay within the limit: 3 + 17 a minute, 4 + 26 a second. Edits count like messages.
 */
export const LIMITS: PlatformLimits = {
  bot: { perSecond: 26, burst: 4 },
  direct: { perSecond: 1, burst: 3 },
  group: { perSecond: 17 / 60, burst: 3 },
};
