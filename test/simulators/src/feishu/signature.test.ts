import { createHash } from 'node:crypto';
import { AESCipher } from '@larksuiteoapi/node-sdk';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { encrypt, signatureHeaders } from './signature.ts';

it('encrypts the example of the documentation to the same bytes', () => {
  const example = 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=';
  const iv = Buffer.from(example, 'base64').subarray(0, 16);
  expect(encrypt('hello world', 'test key', iv)).toBe(example);
});

it('encrypts what the SDK decrypts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), (plain, key) => {
      expect(new AESCipher(key).decrypt(encrypt(plain, key))).toBe(plain);
    }),
  );
});

it('signs timestamp, nonce, key and the bytes of the body', () => {
  const headers = signatureHeaders('{"a":"\\u003c"}', 'key', 1_700_000_000_999);
  const nonce = headers['X-Lark-Request-Nonce'];
  expect(headers['X-Lark-Request-Timestamp']).toBe('1700000000');
  expect(headers['X-Lark-Signature']).toBe(
    createHash('sha256').update(`1700000000${nonce}key{"a":"\\u003c"}`).digest('hex'),
  );
});
