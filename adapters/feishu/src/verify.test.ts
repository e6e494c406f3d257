import { describe, expect, it } from 'vitest';
import { decrypt, eventKey } from './crypt.ts';
import { ENCRYPT_KEY, encrypt, fixture, NOW, plainRequest, signedRequest, VERIFICATION_TOKEN } from './testing.ts';
import { createVerify, MAX_AGE_MS, MAX_AHEAD_MS } from './verify.ts';

const credentials = { app_id: 'cli_1', app_secret: 's' };
const both = createVerify(
  { ...credentials, encrypt_key: ENCRYPT_KEY, verification_token: VERIFICATION_TOKEN },
  () => NOW,
);
const keyOnly = createVerify({ ...credentials, encrypt_key: ENCRYPT_KEY }, () => NOW);
const tokenOnly = createVerify({ ...credentials, verification_token: VERIFICATION_TOKEN }, () => NOW);
const neither = createVerify(credentials, () => NOW);

const message = fixture('text_direct');
const handshake = fixture('url_verification');
const unauthorized = expect.objectContaining({ code: 'unauthorized' });
const invalid = expect.objectContaining({ code: 'invalid_request' });

describe('decrypt', () => {
  it('reads the vector of the documentation', () => {
    expect(decrypt(eventKey('test key'), 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=')).toBe('hello world');
  });

  it.each(['', 'AAAA', 'not base64 at all', encrypt('x', 'another key')])('refuses %j', (ciphertext) => {
    expect(() => decrypt(eventKey('test key'), ciphertext)).toThrow(invalid);
  });
});

describe('with an encrypt key', () => {
  it('takes a signed, encrypted event', () => {
    expect(both(signedRequest(message))).toEqual({ kind: 'event', body: message });
    expect(keyOnly(signedRequest(message))).toEqual({ kind: 'event', body: message });
  });

  it('checks the bytes, not what they mean: any spacing passes, any changed byte fails', () => {
    const spaced = signedRequest(`{\n  "encrypt" :  "${encrypt(JSON.stringify(message))}" }`, { wrap: false });
    expect(both(spaced)).toEqual({ kind: 'event', body: message });
    const respaced = { ...spaced, rawBody: Buffer.from(JSON.stringify(JSON.parse(spaced.rawBody.toString()))) };
    expect(() => both(respaced)).toThrow(unauthorized);
  });

  it('takes an unencrypted event only when it is signed', () => {
    expect(both(signedRequest(message, { wrap: false }))).toEqual({ kind: 'event', body: message });
    expect(() => both(plainRequest(message))).toThrow(unauthorized);
  });

  it('refuses a forged signature', () => {
    expect(() => both(signedRequest(message, { key: 'guess' }))).toThrow(unauthorized);
    const genuine = signedRequest(message);
    const forged = { ...genuine.headers, 'x-lark-signature': 'f'.repeat(64) };
    expect(() => both({ ...genuine, headers: forged })).toThrow(unauthorized);
  });

  it.each(['x-lark-signature', 'x-lark-request-timestamp', 'x-lark-request-nonce'])('refuses without %s', (name) => {
    const request = signedRequest(message);
    expect(() => both({ ...request, headers: { ...request.headers, [name]: undefined } })).toThrow(unauthorized);
  });

  it('refuses what is too old or from the future, and takes a late redelivery', () => {
    expect(() => both(signedRequest(message, { at: NOW - MAX_AGE_MS - 1000 }))).toThrow(unauthorized);
    expect(() => both(signedRequest(message, { at: NOW + MAX_AHEAD_MS + 1000 }))).toThrow(unauthorized);
    expect(both(signedRequest(message, { at: NOW - 6.4 * 3_600_000 })).kind).toBe('event');
    expect(both(signedRequest(message, { at: NOW + MAX_AHEAD_MS - 1000 })).kind).toBe('event');
    // A timestamp that is no number is signed for as well, and must not slip through as NaN.
    expect(() => both(signedRequest(message, { at: Number.NaN }))).toThrow(unauthorized);
  });

  it('calls what is signed but unreadable malformed, and what is neither unauthorized', () => {
    for (const body of ['{"encrypt":"AAAA"}', 'not json', '[]', '"text"']) {
      expect(() => both(signedRequest(body, { wrap: false }))).toThrow(invalid);
      expect(() => both(plainRequest(body))).toThrow(unauthorized);
    }
    expect(() => both(signedRequest('not json'))).toThrow(invalid);
  });

  it('compares the verification token of signed events too, in both schemas', () => {
    const header = message.header as Record<string, unknown>;
    expect(() => both(signedRequest({ ...message, header: { ...header, token: 'wrong' } }))).toThrow(unauthorized);
    const v1 = fixture('v1_text_direct');
    expect(both(signedRequest(v1)).kind).toBe('event');
    expect(() => both(signedRequest({ ...v1, token: 'wrong' }))).toThrow(unauthorized);
    expect(() => both(signedRequest({ ...v1, token: undefined }))).toThrow(unauthorized);
  });

  it('answers an encrypted handshake, which has no signature', () => {
    const request = plainRequest({ encrypt: encrypt(JSON.stringify(handshake)) });
    const answer = { kind: 'challenge', challenge: handshake.challenge };
    expect(both(request)).toEqual(answer);
    expect(keyOnly(request)).toEqual(answer);
    const wrong = plainRequest({ encrypt: encrypt(JSON.stringify({ ...handshake, token: 'wrong' })) });
    expect(() => both(wrong)).toThrow(unauthorized);
    const strangers = plainRequest({ encrypt: encrypt(JSON.stringify(handshake), 'guess') });
    expect(() => both(strangers)).toThrow(unauthorized);
  });

  it('answers a plain handshake only when it carries the token', () => {
    expect(both(plainRequest(handshake))).toEqual({ kind: 'challenge', challenge: handshake.challenge });
    expect(() => keyOnly(plainRequest(handshake))).toThrow(unauthorized);
  });

  it('lets nobody pass an event off as a handshake', () => {
    expect(() => keyOnly(plainRequest({ ...message, type: 'url_verification', challenge: 'x' }))).toThrow(unauthorized);
    expect(both(plainRequest({ ...handshake, event: message.event })).kind).toBe('challenge');
  });
});

describe('with a verification token only', () => {
  it('takes events that carry it, in both schemas', () => {
    expect(tokenOnly(plainRequest(message))).toEqual({ kind: 'event', body: message });
    expect(tokenOnly(plainRequest(fixture('v1_text_direct'))).kind).toBe('event');
  });

  it('refuses a wrong or missing token, and what is encrypted', () => {
    const header = message.header as Record<string, unknown>;
    for (const token of ['wrong', undefined, 1, [VERIFICATION_TOKEN]]) {
      expect(() => tokenOnly(plainRequest({ ...message, header: { ...header, token } }))).toThrow(unauthorized);
    }
    expect(() => tokenOnly(signedRequest(message))).toThrow(unauthorized);
  });

  it('answers a handshake that carries it', () => {
    expect(tokenOnly(plainRequest(handshake)).kind).toBe('challenge');
    expect(() => tokenOnly(plainRequest({ ...handshake, token: 'wrong' }))).toThrow(unauthorized);
    expect(() => tokenOnly(plainRequest({ ...handshake, challenge: undefined }))).toThrow(invalid);
  });

  it('calls a broken body malformed', () => {
    expect(() => tokenOnly(plainRequest('{'))).toThrow(invalid);
  });
});

describe('with neither', () => {
  it('refuses everything', () => {
    for (const body of [message, handshake, '{', fixture('v1_text_direct')]) {
      expect(() => neither(plainRequest(body))).toThrow(unauthorized);
    }
    expect(() => neither(signedRequest(message))).toThrow(unauthorized);
  });
});
