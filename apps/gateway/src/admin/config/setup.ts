import type { ChannelConfig } from '@parley/core/config';
import type { Platform } from '@parley/core/message';
import { z } from 'zod';
import { bilingual } from '../http/shapes.ts';
import type { ChannelFacts } from './channel-health.ts';
import { CHECKLISTS, STEPS } from './setup-texts.ts';
import { slackManifest } from './slack-manifest.ts';

export const setupSchema = z.object({
  webhook_url: z.string().nullable(),
  manifest: z.record(z.string(), z.unknown()).nullable(),
  checklist: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['scope', 'event', 'setting']),
      name: z.string(),
      why: bilingual,
      /** Null: nothing that came in tells. */
      done: z.boolean().nullable(),
    }),
  ),
  steps: z.array(bilingual),
});

export interface SetupInput {
  id: string;
  publicUrl: string | undefined;
  /** Of a channel that exists: what came in by now. */
  facts: ChannelFacts | undefined;
  channel: ChannelConfig | undefined;
}

/** What a person has to set at the platform, and which of it shows in the events that came in. */
export function setupOf(
  platform: Platform,
  { id, publicUrl, facts, channel }: SetupInput,
): z.input<typeof setupSchema> {
  const url = publicUrl && `${publicUrl}/webhooks/${platform}/${id}`;
  const socket = channel !== undefined && channel.transport !== 'webhook';
  return {
    webhook_url: url ?? null,
    manifest:
      platform === 'slack'
        ? slackManifest(socket ? undefined : (url ?? `https://YOUR-HOST/webhooks/slack/${id}`))
        : null,
    checklist: CHECKLISTS[platform].map(({ seenAs, ...item }) => ({
      ...item,
      // What was seen is set; what was not may only not have happened yet.
      done: facts && seenAs ? seenAs.some((kind) => facts.seen.includes(kind)) || null : null,
    })),
    steps: STEPS[platform],
  };
}
