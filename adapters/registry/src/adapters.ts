import { createAdapter as feishu } from '@parley/adapter-feishu';
import { createAdapter as slack } from '@parley/adapter-slack';
import { createAdapter as telegram } from '@parley/adapter-telegram';
import type { CreateAdapter } from '@parley/core/adapter';
import type { Platform } from '@parley/core/message';

/** The only list of platforms. A new one is a line here, a folder beside this one, and its shape in core's config. */
export const ADAPTERS: Readonly<Record<Platform, CreateAdapter>> = { feishu, slack, telegram };
