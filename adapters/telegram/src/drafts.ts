import { createHash } from 'node:crypto';
import type { AdapterDeps, OutgoingPart, ReplyTarget } from '@parley/core/adapter';
import { numeric, threadOf } from './chats.ts';
import type { CallOptions, Client } from './client.ts';
import { withMarkup } from './edit.ts';
import { TelegramRefusal } from './errors.ts';

/** Previews in private chats that are no messages: shown for 30 s, or until the bot's message arrives. */
export interface Drafts {
  /** Shows a preview; false where drafts are not to be had, and then nothing was shown. Throws `platform_*` errors. */
  show(target: ReplyTarget, draftId: number, part: OutgoingPart, options: CallOptions): Promise<boolean>;
}

/** A Bot API server that does not know drafts, or refuses them, is not asked again for so long. */
const REFUSED_MS = 10 * 60_000;

/** https://core.telegram.org/bots/api#sendmessagedraft (Bot API 9.3; for all bots since 9.5). */
export function createDrafts(client: Client, now: AdapterDeps['now']): Drafts {
  let refusedUntil = 0;
  return {
    async show(target, draftId, part, options) {
      if (target.chat.kind !== 'direct' || now() < refusedUntil) return false;
      const place = { chat_id: numeric(target.chat.id), message_thread_id: threadOf(target), draft_id: draftId };
      try {
        await withMarkup(part, ({ text, parse_mode }) =>
          client.call('sendMessageDraft', { ...place, text, parse_mode }, options),
        );
        return true;
      } catch (error) {
        if (!(error instanceof TelegramRefusal) || !isRefusalOfDrafts(error)) throw error;
        refusedUntil = now() + REFUSED_MS;
        return false;
      }
    },
  };
}

/** Drafts with one id flow into each other, so a part's id is the same in every process: 1 to 2³¹-1, never 0. */
export function draftIdOf(idempotencyKey: string): number {
  return (createHash('sha256').update(idempotencyKey).digest().readUInt32BE() % 0x7fff_ffff) + 1;
}

/** 404 is an unknown method; `TEXTDRAFT_PEER_INVALID` (400) is what bots got that had no topics before 9.5. */
function isRefusalOfDrafts(error: TelegramRefusal): boolean {
  return error.status === 404 || (error.status === 400 && !error.says('chat not found'));
}
