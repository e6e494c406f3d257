import type { PlatformLimits } from '@parley/core/adapter';

/**
 * https://open.feishu.cn/document/server-docs/im-v1/message/create: 5 a second to one person and to one group (all bots
 * of the group together), 50 a second in all.
 */
export const LIMITS: PlatformLimits = {
  bot: { perSecond: 45, burst: 45 },
  direct: { perSecond: 5, burst: 5 },
  group: { perSecond: 4, burst: 4 },
};
