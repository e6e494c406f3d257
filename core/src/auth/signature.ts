import { createHmac, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';

/** How old, or how far ahead, a signed request may be. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** `v1=` and the hex HMAC-SHA256 over timestamp, a dot and the raw body. */
export function signRequest(secret: string, timestampSeconds: number, rawBody: Uint8Array | string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestampSeconds}.`).update(rawBody).digest('hex')}`;
}

export interface SignedRequest {
  /** `X-Parley-Timestamp`, Unix seconds, and `X-Parley-Signature`. */
  timestamp: string | undefined;
  signature: string | undefined;
  rawBody: Uint8Array;
}

/**
 * Whether a server's request is really its own, and new.
 *
 * @param claim resolves with whether nobody has used this signature yet; forgotten after the given time
 * @throws ParleyError `unauthorized`, saying what is wrong: who gets here has a valid key already
 */
export async function verifySignature(
  { timestamp, signature, rawBody }: SignedRequest,
  secret: string,
  claim: (signature: string, ttlMs: number) => Promise<boolean>,
  now: number,
): Promise<void> {
  if (!timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) {
    throw new ParleyError('unauthorized', 'This key needs X-Parley-Timestamp and X-Parley-Signature');
  }
  if (Math.abs(now - Number(timestamp) * 1000) > SIGNATURE_WINDOW_MS) {
    throw new ParleyError('unauthorized', 'X-Parley-Timestamp is more than 5 minutes off');
  }
  const expected = Buffer.from(signRequest(secret, Number(timestamp), rawBody));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ParleyError('unauthorized', 'X-Parley-Signature does not fit the body');
  }
  if (!(await claim(signature, 2 * SIGNATURE_WINDOW_MS))) {
    throw new ParleyError('unauthorized', 'This request was sent before');
  }
}
