import { describe, expect, it } from 'vitest';
import { SECRET } from './testing/bot-api.ts';
import { createVerify } from './verify.ts';

const HEADER = 'x-telegram-bot-api-secret-token';

function request(headers: Record<string, string | string[]>, body = '{"update_id":1}') {
  return { headers, rawBody: Buffer.from(body), query: {} };
}

describe('createVerify', () => {
  it('gives the body when the secret is right', () => {
    expect(createVerify(SECRET)(request({ [HEADER]: SECRET }))).toEqual({ update_id: 1 });
  });

  it.each([
    ['missing', {}],
    ['empty', { [HEADER]: '' }],
    ['wrong', { [HEADER]: 'wrong' }],
    ['a prefix of it', { [HEADER]: SECRET.slice(0, -1) }],
    ['longer than it', { [HEADER]: `${SECRET}x` }],
    ['in other case', { [HEADER]: SECRET.toLowerCase() }],
    ['given twice', { [HEADER]: [SECRET, SECRET] }],
  ])('refuses a secret that is %s', (_name, headers) => {
    expect(() => createVerify(SECRET)(request(headers))).toThrow(expect.objectContaining({ code: 'unauthorized' }));
  });

  it('refuses everything where the channel has no secret', () => {
    const verify = createVerify(undefined);
    for (const headers of [{}, { [HEADER]: '' }, { [HEADER]: 'undefined' }]) {
      expect(() => verify(request(headers))).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    }
  });

  it('checks the secret before it reads the body', () => {
    expect(() => createVerify(SECRET)(request({ [HEADER]: 'wrong' }, 'no json'))).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    );
  });

  it('refuses a body that is no JSON without quoting it', () => {
    const attempt = () => createVerify(SECRET)(request({ [HEADER]: SECRET }, 'my private words'));
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(attempt).not.toThrow(/private/);
  });
});
