import type { PlatformLimits } from '@parley/core/adapter';

/**
 * https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message a second and chat, 20 a
 * minute in a group, about 30 a second in all. Bursts are tolerated for a short time.
 */
export const LIMITS: PlatformLimits = {
  bot: { perSecond: 28, burst: 28 },
  direct: { perSecond: 1, burst: 3 },
  group: { perSecond: 20 / 60, burst: 4 },
};
