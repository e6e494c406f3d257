import { wasNeverSent } from '@parley/core/adapter';
import { type ErrorCode, ParleyError, type ParleyErrorOptions } from '@parley/core/errors';
import { TelegramError } from 'telegraf';

/** A refusal by the Bot API itself, with what callers decide on. Nothing of it is in `message` but safe words. */
export class TelegramRefusal extends ParleyError {
  /** `error_code` of the answer: an HTTP-like number. */
  readonly status: number;
  /** `description` of the answer in lower case. May quote what was sent: for comparing, never for printing. */
  readonly #description: string;
  /** The group became a supergroup: this is its id now. */
  readonly migratedTo: number | undefined;

  constructor(code: ErrorCode, message: string, error: TelegramError, options: ParleyErrorOptions) {
    super(code, message, options);
    this.status = error.code;
    this.#description = String(error.description ?? '').toLowerCase();
    this.migratedTo = error.parameters?.migrate_to_chat_id;
  }

  says(words: string): boolean {
    return this.#description.includes(words);
  }
}

/**
 * Anything telegraf threw, as a `ParleyError`. Neither the message sent (`TelegramError.on.payload`) nor the token
 * (node-fetch puts the URL into its messages) gets through, which is also why no `cause` is kept.
 *
 * @param method the Bot API method that was called
 */
export function toPlatformError(thrown: unknown, method: string): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  if (thrown instanceof TelegramError) return refusal(thrown, method);
  const code = networkCode(thrown);
  return new ParleyError('platform_unavailable', `${method}: ${code ?? 'the connection failed'}`, {
    outcomeUnknown: code === undefined || !wasNeverSent(code),
  });
}

function refusal(error: TelegramError, method: string): TelegramRefusal {
  const status = error.code;
  const message = `${method}: ${status} ${safeDescription(error.description)}`;
  if (status === 429) {
    const seconds = error.parameters?.retry_after;
    return new TelegramRefusal('platform_rate_limited', message, error, {
      retryAfterMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
    });
  }
  // 404 is how the Bot API answers a token it cannot read; a missing chat or message is a 400.
  if (status === 401 || status === 404) return new TelegramRefusal('platform_unauthorized', message, error, {});
  if (status >= 500) {
    // The proxy before the Bot API gave up waiting (504): what stands behind it may still carry the call out.
    return new TelegramRefusal('platform_unavailable', message, error, { outcomeUnknown: status === 504 });
  }
  return new TelegramRefusal('platform_rejected', message, error, {});
}

/** Descriptions are Telegram's own words, but some quote a piece of what was sent. */
function safeDescription(description: unknown): string {
  return String(description ?? '')
    .replace(/(can't parse entities).*/is, '$1')
    .replace(/"[^"]*"?/g, '"…"')
    .replace(/\d+:[\w-]{10,}/g, '[token]')
    .slice(0, 160);
}

/** The system's code of a node-fetch or undici error: a fixed word, safe to print. */
function networkCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' && /^\w{1,60}$/.test(thrown.code) ? thrown.code : undefined;
}
