import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';

/** How far the request's time may be from ours, in either direction (Slack's own advice is five minutes). */
const TOLERANCE_SECONDS = 300;
const SIGNATURE = /^v0=([0-9a-f]{64})$/;
const TIMESTAMP = /^\d{1,12}$/;

/**
 * Checks that Slack sent exactly these bytes, recently: `v0=` + hex(HMAC-SHA256(signing secret, `v0:TIMESTAMP:BODY`)).
 * Every kind of request is checked, `ssl_check` too. Unlike Slack's SDK it refuses timestamps from the future as well,
 * because such a request could be replayed for as long as it lies ahead.
 *
 * @param nowMs Unix milliseconds
 * @throws ParleyError `unauthorized`
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifyRequest(
  request: WebhookRequest,
  signingSecret: string | KeyObject | undefined,
  nowMs: number,
): void {
  if (signingSecret === undefined) throw refuse('the channel has no signing_secret');
  const timestamp = single(request.headers['x-slack-request-timestamp']);
  const signature = SIGNATURE.exec(single(request.headers['x-slack-signature']) ?? '')?.[1];
  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) throw refuse('the timestamp is missing or malformed');
  if (signature === undefined) throw refuse('the signature is missing or malformed');
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) throw refuse('the timestamp is out of range');

  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(request.rawBody).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) throw refuse('the signature does not match');
}

/** A header sent twice is nothing Slack does: it counts as missing. */
function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function refuse(why: string): ParleyError {
  return new ParleyError('unauthorized', `Slack request refused: ${why}`);
}
