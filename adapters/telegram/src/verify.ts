import { createHash, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';

/**
 * Makes the check every webhook request passes before anything in it is read: Telegram repeats the secret that
 * `setWebhook` was given in a header (https://core.telegram.org/bots/api#setwebhook).
 *
 * @param secret the channel's `webhook_secret`; without one nobody could tell Telegram from a stranger, so every
 *   request is refused
 * @returns the body as JSON, still unchecked; throws `unauthorized` or `invalid_request`
 */
export function createVerify(secret: string | undefined): (request: WebhookRequest) => unknown {
  const expected = secret === undefined ? undefined : digest(secret);
  return ({ headers, rawBody }) => {
    if (expected === undefined) throw new ParleyError('unauthorized', 'the channel has no webhook_secret');
    const given = headers['x-telegram-bot-api-secret-token'];
    if (typeof given !== 'string') throw new ParleyError('unauthorized', 'no secret token in the request');
    if (!timingSafeEqual(digest(given), expected)) throw new ParleyError('unauthorized', 'wrong secret token');
    return parseJson(rawBody);
  };
}

/** Digests have one length, which is what `timingSafeEqual` needs and what keeps the secret's length a secret. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's message quotes the body, and that is what somebody wrote in a chat.
    throw new ParleyError('invalid_request', 'the body is not JSON');
  }
}
