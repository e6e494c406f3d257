import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter, AdapterDeps, EventSink, InboundEvent } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { TelegramRefusal } from './errors.ts';
import type { BotIdentity } from './identity.ts';
import { parseUpdate } from './parse.ts';
import { ALLOWED_UPDATES } from './update.ts';

export interface ConnectOptions {
  channel: Pick<TelegramChannel, 'id'>;
  client: Client;
  identity: BotIdentity;
  logger: AdapterDeps['logger'];
  /** Names the bot's commands at Telegram; its failure does not keep the bot from answering. */
  commands: (signal: AbortSignal) => Promise<void>;
  /** The first pause after a failure; it doubles up to 30 s. Default 1 s. */
  backoffMs?: number;
}

/** How long `getUpdates` waits for news, and how much longer we wait for its answer. */
const POLL_SECONDS = 30;
const POLL_GRACE_MS = 10_000;
const MAX_BACKOFF_MS = 30_000;
/** A hub that has just been replaced ends its last poll within half a minute or so. */
const MAX_CONFLICTS = 6;

/**
 * Long polling. Telegram forgets updates once a later offset is asked for, so the offset moves only after the sink has
 * them: what a crash or a failing sink leaves behind comes again, in order.
 */
export function createConnect(options: ConnectOptions): NonNullable<Adapter['connect']> {
  const { channel, logger } = options;

  return async (sink, signal) => {
    const backoff = createBackoff(options.backoffMs ?? 1_000);
    const poll = createPoll(options, sink, signal);
    let ready = false;
    let conflicts = 0;
    while (!signal.aborted) {
      try {
        if (!ready) await prepare(options, signal);
        ready = true;
        await poll();
        conflicts = 0;
        backoff.reset();
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toParleyError(thrown);
        if (error.code === 'platform_unauthorized') throw error;
        if (error instanceof TelegramRefusal && error.status === 409) {
          conflicts++;
          // Either another process polls with this token, or somebody has set a webhook meanwhile: look again.
          ready = false;
          if (conflicts > MAX_CONFLICTS) throw conflict(channel.id);
        }
        const pauseMs = Math.max(backoff.next(), error.retryAfterMs ?? 0);
        logger.warn({ channel: channel.id, code: error.code, reason: error.message, pauseMs }, 'telegram poll failed');
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
}

/** `getUpdates` is refused while a webhook is set. Updates that wait are kept. */
async function prepare({ client, commands, channel, logger }: ConnectOptions, signal: AbortSignal): Promise<void> {
  const info = await client.call('getWebhookInfo', {}, { signal });
  if (info.url) await client.call('deleteWebhook', { drop_pending_updates: false }, { signal });
  await commands(signal).catch((error: unknown) => {
    const { code, message } = toParleyError(error);
    logger.warn({ channel: channel.id, code, reason: message }, 'telegram commands could not be set');
  });
}

/** One round: asks for news, hands it to the sink, and only then remembers that it was taken. */
function createPoll(options: ConnectOptions, sink: EventSink, signal: AbortSignal): () => Promise<void> {
  let offset: number | undefined;
  return async () => {
    const updates = await options.client.call(
      'getUpdates',
      { offset, timeout: POLL_SECONDS, limit: 100, allowed_updates: ALLOWED_UPDATES },
      { signal, timeoutMs: POLL_SECONDS * 1000 + POLL_GRACE_MS },
    );
    const last = updates.at(-1);
    if (!last) return;
    const events: InboundEvent[] = [];
    for (const update of updates) events.push(await parseOrSkip(update, options));
    await sink(events);
    offset = last.update_id + 1;
  };
}

/** An update we cannot read would come again for ever and hold up all that follow, so it is let go. */
async function parseOrSkip(update: unknown, options: ConnectOptions): Promise<InboundEvent> {
  try {
    return await parseUpdate(update, options.identity);
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'invalid_request') throw error;
    options.logger.warn({ channel: options.channel.id, reason: error.message }, 'telegram update skipped');
    return { kind: 'ignored', reason: 'unsupported_event' };
  }
}

function createBackoff(firstMs: number): { next(): number; reset(): void } {
  let ms = firstMs;
  return {
    next() {
      const now = ms;
      ms = Math.min(ms * 2, MAX_BACKOFF_MS);
      return now;
    },
    reset() {
      ms = firstMs;
    },
  };
}

function conflict(channelId: string): ParleyError {
  return new ParleyError(
    'platform_rejected',
    `channel ${channelId}: another program polls or sets a webhook with the same bot token`,
  );
}
