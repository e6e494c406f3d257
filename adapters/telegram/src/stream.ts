import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter, AdapterDeps } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Chats } from './chats.ts';
import type { Client } from './client.ts';
import { createDrafts, draftIdOf } from './drafts.ts';
import { TelegramRefusal } from './errors.ts';
import { formatPreview } from './format.ts';
import { createPlaceholder } from './placeholder.ts';

export interface StreamTimes {
  /** A preview that takes longer is worth nothing. Default 5 s. */
  previewTimeoutMs?: number;
  /** How long a preview that was given up may still be on its way. Default 1.5 s. */
  settleMs?: number;
}

/** Telegram allows about one message a second in a chat, 20 a minute in a group; edits count like messages. */
const INTERVAL_MS = { direct: 1_000, group: 3_000 };

/**
 * Answers while they are written. In private chats previews are drafts, which leave nothing behind; in groups, and where
 * drafts are refused, they are edits of the placeholder. The answer itself is always the placeholder's last edit.
 */
export function createStartStream(
  client: Client,
  chats: Chats,
  { now }: Pick<AdapterDeps, 'now'>,
  { previewTimeoutMs = 5_000, settleMs = 1_500 }: StreamTimes = {},
): NonNullable<Adapter['startStream']> {
  const drafts = createDrafts(client, now);

  return async (target, options, earlier) => {
    const ending = new AbortController();
    const { signal } = ending;
    const end = () => ending.abort();
    // The turn's own signal goes with the turn, and this listener with it.
    if (options.signal?.aborted) end();
    else options.signal?.addEventListener('abort', end, { once: true });
    const placeholder = createPlaceholder(client, chats, target, { save: options.save, signal }, earlier);
    const draftId = draftIdOf(options.idempotencyKey);
    const preview = { signal, timeoutMs: previewTimeoutMs };
    /** An edit whose outcome is unknown may yet arrive, and must not arrive after the answer. */
    let unsettled = false;

    return {
      intervalMs: INTERVAL_MS[target.chat.kind],
      get cost() {
        // The 20 a minute of a group count edits too; the one a second of a private chat is about new messages.
        return { update: 1, finish: placeholder.stands || target.chat.kind === 'direct' ? 1 : 2 };
      },

      async update(markdown) {
        const part = formatPreview(markdown);
        if (!part) return;
        if (!placeholder.stands) {
          // The placeholder alone is this update's one operation; the text comes with the next.
          if (!(await drafts.show(target, draftId, part, preview))) await placeholder.place();
          return;
        }
        try {
          await placeholder.show(part, preview);
        } catch (error) {
          unsettled ||= toParleyError(error).outcomeUnknown;
          throw error;
        }
      },

      async finish(part) {
        await placeholder.place();
        if (unsettled) await pause(settleMs, signal);
        unsettled = false;
        try {
          return await placeholder.show(part, { signal });
        } catch (error) {
          if (isUseless(error)) await placeholder.remove();
          throw error;
        }
      },

      abandon: end,
    };
  };
}

/** The placeholder is there but will not show the answer, which is now posted anew: beside that it would only puzzle. */
function isUseless(error: unknown): boolean {
  if (!(error instanceof TelegramRefusal) || error.migratedTo !== undefined) return false;
  return error.code === 'platform_rejected' && !error.says('message to edit not found');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw new ParleyError('platform_unavailable', 'aborted before the answer was sent');
  });
}
