import {
  createDeliverer,
  type Deliverer,
  type DeliveryAnswer,
  type OutgoingEvent,
  postEvent,
} from '../shared/index.ts';
import { TelegramError } from './error.ts';
import type { Update } from './types.ts';
import { now } from './world.ts';

export interface WebhookSettings {
  url: string;
  secretToken: string | undefined;
  maxConnections: number;
}

interface UpdateEvent extends OutgoingEvent {
  lane: string;
  update: Update;
}

/** The queue of updates for the bot, taken by a webhook or by long polling. */
export interface Updates extends Pick<Deliverer<UpdateEvent>, 'deliveries' | 'disturb' | 'close'> {
  redeliverNow(): void;
  /** Queues an update of one chat, unless its kind is not wanted. `content` is `{ message: … }` or the like. */
  emit(chatId: number, content: Record<string, unknown>): void;
  /** Sets or (with `undefined`) removes the webhook. */
  setWebhook(settings: WebhookSettings | undefined): void;
  setAllowed(kinds: readonly string[] | undefined): void;
  dropPending(): void;
  webhookInfo(): Record<string, unknown>;
  /** Long polling, with the offset rules of https://core.telegram.org/bots/api#getupdates */
  poll(options: { offset: number; limit: number; timeoutSeconds: number; signal: AbortSignal }): Promise<Update[]>;
}

/** "Specify an empty list to receive all update types except chat_member, message_reaction and message_reaction_count" */
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);
const MAX_RETRY_MS = 60_000;

/** Makes the queue. `onReply` gets a webhook answer's body when the update was accepted (it may be a method call). */
export function createUpdates(options: {
  speedup: number | undefined;
  timeoutMs: number;
  onReply(body: string): void;
}): Updates {
  const pending = new Map<number, Update>();
  let nextId = 600_000_001;
  let allowed: Set<string> | undefined;
  let webhook: WebhookSettings | undefined;
  let lastError: { date: number; message: string } | undefined;
  let poller: { end(error?: TelegramError): void } | undefined;

  const deliverer = createDeliverer<UpdateEvent>({
    paused: true,
    concurrency: () => webhook?.maxConnections ?? 1,
    ...(options.speedup === undefined ? {} : { speedup: options.speedup }),
    async send({ update }, _attempt, _previous, signal) {
      if (webhook === undefined) return { status: 0, failure: 'connection' };
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (webhook.secretToken !== undefined) headers['x-telegram-bot-api-secret-token'] = webhook.secretToken;
      const body = JSON.stringify(update);
      const answer = await postEvent({ url: webhook.url, headers, body, timeoutMs: options.timeoutMs, signal });
      const problem = describeFailure(answer);
      if (problem !== undefined) lastError = { date: now(), message: problem };
      return answer;
    },
    retryDelayMs: (attempt, { retryAfterSeconds }) =>
      retryAfterSeconds !== undefined ? retryAfterSeconds * 1000 : Math.min(1000 * 2 ** (attempt - 1), MAX_RETRY_MS),
    onSettled({ update }, answer) {
      pending.delete(update.update_id);
      if (answer.body) options.onReply(answer.body);
    },
  });

  function forget(updateId: number): void {
    pending.delete(updateId);
    deliverer.discard(String(updateId));
  }

  function confirm(offset: number): void {
    const ids = [...pending.keys()];
    // A negative offset counts from the end; everything before it is forgotten.
    const first = offset < 0 ? ids.at(offset) : offset;
    if (offset !== 0 && first !== undefined) for (const id of ids) if (id < first) forget(id);
  }

  return {
    deliveries: deliverer.deliveries,
    redeliverNow: () => deliverer.resume({ retryNow: true }),
    disturb: deliverer.disturb,

    close() {
      poller?.end();
      deliverer.close();
    },

    emit(chatId, content) {
      const [kind = ''] = Object.keys(content);
      if (allowed === undefined ? NOT_BY_DEFAULT.has(kind) : !allowed.has(kind)) return;
      const update: Update = { update_id: nextId, ...content };
      nextId += 1;
      deliverer.deliver({ eventId: String(update.update_id), lane: String(chatId), update });
      pending.set(update.update_id, update);
      poller?.end();
    },

    setWebhook(settings) {
      webhook = settings;
      if (settings === undefined) {
        deliverer.pause();
        return;
      }
      poller?.end(new TelegramError(409, 'Conflict: terminated by setWebhook request'));
      deliverer.resume({ retryNow: true });
    },

    setAllowed(kinds) {
      allowed = kinds?.length ? new Set(kinds) : undefined;
    },

    dropPending() {
      for (const id of [...pending.keys()]) forget(id);
    },

    webhookInfo: () => ({
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: pending.size,
      ...(webhook && { max_connections: webhook.maxConnections, ip_address: '127.0.0.1' }),
      ...(webhook && lastError && { last_error_date: lastError.date, last_error_message: lastError.message }),
      ...(allowed && { allowed_updates: [...allowed] }),
    }),

    async poll({ offset, limit, timeoutSeconds, signal }) {
      if (webhook !== undefined) {
        const reason =
          "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
        throw new TelegramError(409, `Conflict: ${reason}`);
      }
      const reason = 'terminated by other getUpdates request; make sure that only one bot instance is running';
      poller?.end(new TelegramError(409, `Conflict: ${reason}`));
      confirm(offset);
      if (pending.size === 0 && timeoutSeconds > 0) await waitForUpdate(timeoutSeconds * 1000, signal);
      return [...pending.values()].slice(0, limit);
    },
  };

  /** Ends with the next update, after the time, when the caller goes away, or with a conflict. */
  function waitForUpdate(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const self = {
        end(error?: TelegramError) {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          if (poller === self) poller = undefined;
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const onAbort = () => self.end();
      const timer = setTimeout(() => self.end(), timeoutMs);
      signal.addEventListener('abort', onAbort);
      poller = self;
    });
  }
}

/** The text of `last_error_message`. */
function describeFailure({ status, failure }: DeliveryAnswer): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (failure === 'timeout') return 'Read timeout expired';
  if (failure !== undefined) return 'Connection refused';
  return `Wrong response from the webhook: ${status}`;
}
