import type { Platform } from '@parley/core/message';
import type { PlatformDescriptor } from '../descriptor.ts';
import { feishu } from './feishu.ts';
import { slack } from './slack.ts';
import { telegram } from './telegram.ts';

/** A new platform is proven by a line here, its descriptor beside this file, and its recorded payloads. */
export const DESCRIPTORS: Readonly<Record<Platform, PlatformDescriptor>> = { feishu, slack, telegram };
