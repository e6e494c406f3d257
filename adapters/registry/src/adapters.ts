import type { CreateAdapter } from '@parley/core/adapter';
import type { Platform } from '@parley/core/message';

/**
 * The only list of platforms. A new one is a line here, a folder beside this one, and its shape in core's config. Each
 * is loaded when its first channel is: the SDK of a platform nobody uses costs no start its time.
 */
export const ADAPTERS: Readonly<Record<Platform, () => Promise<CreateAdapter>>> = {
  feishu: async () => (await import('@parley/adapter-feishu')).createAdapter,
  slack: async () => (await import('@parley/adapter-slack')).createAdapter,
  telegram: async () => (await import('@parley/adapter-telegram')).createAdapter,
};
