import type { KeyObject } from 'node:crypto';
import type { WebhookRequest } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { decrypt, eventKey, sameSecret, signatureOf } from './crypt.ts';

/** A request that really came from Feishu, decrypted. `body` is a JSON object and otherwise unchecked. */
export type Verified = { kind: 'challenge'; challenge: string } | { kind: 'event'; body: Record<string, unknown> };

/**
 * Feishu delivers again after 15 s, 5 min, 1 h and 6 h, and does not say whether a redelivery is signed anew. So the
 * window spans the whole ladder with some slack; within it the bus's dedupe is what stops a replay.
 */
export const MAX_AGE_MS = 8 * 3_600_000;
/** Clocks differ by seconds; a request from further ahead was made to outlive the window. */
export const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Makes the check that every webhook request passes before anything in it is believed. Throws `unauthorized` for what
 * cannot be shown to come from Feishu, and `invalid_request` for what came from there but cannot be read.
 *
 * With an Encrypt Key, Feishu signs every event and encrypts every body. Only `url_verification` carries no signature:
 * it has to be encrypted with the key, or to carry the Verification Token. An unencrypted event is taken only when it
 * is signed. Without an Encrypt Key there is no signature, and the Verification Token in the body is all there is: its
 * age is not looked at then, because whoever knows the token can write any time beside it.
 */
export function createVerify(
  { encrypt_key, verification_token }: FeishuChannel['credentials'],
  now: () => number,
): (request: WebhookRequest) => Verified {
  const key = encrypt_key === undefined ? undefined : eventKey(encrypt_key);
  return (request) => {
    if (encrypt_key === undefined && verification_token === undefined) {
      throw unauthorized('the channel has neither encrypt_key nor verification_token');
    }
    const signed = encrypt_key !== undefined && isSigned(request, encrypt_key, now());
    const { body, encrypted } = readTrusted(request.rawBody, key, signed);

    if (body.type === 'url_verification') {
      const proven = signed || encrypted;
      if (verification_token !== undefined || !proven) checkToken(body.token, verification_token);
      if (typeof body.challenge !== 'string') throw new ParleyError('invalid_request', 'no challenge in the request');
      return { kind: 'challenge', challenge: body.challenge };
    }
    if (encrypt_key !== undefined && !signed) throw unauthorized('the event is not signed');
    if (verification_token !== undefined) checkToken(tokenOf(body), verification_token);
    return { kind: 'event', body };
  };
}

/** True for a valid, fresh signature; false when there is none at all; throws when there is one that is not right. */
function isSigned({ headers, rawBody }: WebhookRequest, encryptKey: string, now: number): boolean {
  const signature = headers['x-lark-signature'];
  const timestamp = headers['x-lark-request-timestamp'];
  const nonce = headers['x-lark-request-nonce'];
  if (signature === undefined) return false;
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || typeof nonce !== 'string') {
    throw unauthorized('a signature header is missing');
  }
  if (!sameSecret(signature, signatureOf(timestamp, nonce, encryptKey, rawBody))) {
    throw unauthorized('the signature is wrong');
  }
  const seconds = /^\d{1,16}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  // Documented in seconds; events elsewhere in this API carry milliseconds, which are told apart by their size.
  checkAge(seconds > 1e11 ? seconds : seconds * 1000, now);
  return true;
}

/** The JSON of the request. What is malformed *and* not signed is a stranger's, so it is told nothing but 401. */
function readTrusted(rawBody: Buffer, key: KeyObject | undefined, signed: boolean) {
  try {
    const outer = parseObject(rawBody.toString('utf8'));
    if (typeof outer.encrypt !== 'string') return { body: outer, encrypted: false };
    if (key === undefined) throw unauthorized('the event is encrypted, but the channel has no encrypt_key');
    return { body: parseObject(decrypt(key, outer.encrypt)), encrypted: true };
  } catch (error) {
    if (key !== undefined && !signed) throw unauthorized('the request is neither signed nor readable');
    throw error;
  }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the body, and that is what somebody wrote in a chat.
    throw new ParleyError('invalid_request', 'the body is not JSON');
  }
  if (!isObject(value)) throw new ParleyError('invalid_request', 'the body is not a JSON object');
  return value;
}

function checkToken(given: unknown, expected: string | undefined): void {
  if (expected === undefined) throw unauthorized('the request is neither signed nor encrypted');
  if (typeof given !== 'string' || !sameSecret(given, expected)) throw unauthorized('the verification token is wrong');
}

function checkAge(sentAtMs: number, now: number): void {
  if (!Number.isFinite(sentAtMs)) throw unauthorized('the request does not say when it was sent');
  if (sentAtMs < now - MAX_AGE_MS) throw unauthorized('the request is too old');
  if (sentAtMs > now + MAX_AHEAD_MS) throw unauthorized('the request is from the future');
}

/** Schema 2.0 keeps the token in `header`, the older one at the top. */
function tokenOf(body: Record<string, unknown>): unknown {
  return isObject(body.header) ? body.header.token : body.token;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unauthorized(message: string): ParleyError {
  return new ParleyError('unauthorized', message);
}
