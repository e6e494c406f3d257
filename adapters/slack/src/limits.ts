import type { PlatformLimits } from '@parley/core/adapter';

/**
 * https://docs.slack.dev/apis/web-api/rate-limits: one message a second and channel, short bursts tolerated; a few
 * hundred a minute for the whole workspace.
 */
export const LIMITS: PlatformLimits = {
  bot: { perSecond: 10, burst: 20 },
  direct: { perSecond: 1, burst: 3 },
  group: { perSecond: 1, burst: 3 },
};
