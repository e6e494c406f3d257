import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { fixture, formRequest, makeChannel, makeDeps, NOW, request, SIGNING_SECRET, sign } from './testkit/index.ts';
import { verifyRequest } from './verify.ts';

const body = JSON.stringify(fixture('event_app_mention'));
const refused = expect.objectContaining({ code: 'unauthorized' });
const verify = (headers: Record<string, string | string[] | undefined>, secret: string | undefined = SIGNING_SECRET) =>
  verifyRequest({ ...request(body), headers }, secret, NOW);

describe('verifyRequest', () => {
  test("accepts Slack's documented example", () => {
    const example =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const headers = {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    };
    const documented = { headers, rawBody: Buffer.from(example), query: {} };
    expect(() => verifyRequest(documented, SIGNING_SECRET, 1_531_420_618_000)).not.toThrow();
  });

  test.each([-300, 0, 300])('accepts a request %i seconds off', (offset) => {
    expect(() => verify(sign(body, NOW / 1000 + offset))).not.toThrow();
  });

  test.each([-301, 301, -86_400, 86_400])('refuses a well-signed request %i seconds off', (offset) => {
    expect(() => verify(sign(body, NOW / 1000 + offset))).toThrow(refused);
  });

  test('refuses another secret, another body, and no secret at all', () => {
    expect(() => verify(sign(body, NOW / 1000, 'other'))).toThrow(refused);
    expect(() => verify(sign(`${body} `))).toThrow(refused);
    expect(() => verifyRequest(request(body), undefined, NOW)).toThrow(refused);
  });

  test.each(['x-slack-signature', 'x-slack-request-timestamp'])('refuses a missing or doubled %s', (name) => {
    const headers = sign(body);
    expect(() => verify({ ...headers, [name]: undefined })).toThrow(refused);
    expect(() => verify({ ...headers, [name]: [headers[name] ?? '', headers[name] ?? ''] })).toThrow(refused);
  });

  test.each(['', 'v0=', 'v0=zz', `v1=${'0'.repeat(64)}`, `v0=${'0'.repeat(63)}`, `v0=${'0'.repeat(65)}`])(
    'refuses the malformed signature %j',
    (signature) => {
      expect(() => verify({ ...sign(body), 'x-slack-signature': signature })).toThrow(refused);
    },
  );

  test.each(['NaN', '', ' ', '1e9', '-1', '0x1', 'Infinity'])('refuses the malformed timestamp %j', (timestamp) => {
    const { 'x-slack-signature': signature } = sign(body, timestamp as unknown as number);
    expect(() => verify({ 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature })).toThrow(refused);
  });

  test('refuses any body with one byte changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const original = Buffer.from(bytes);
          const headers = sign(original.toString('latin1'));
          const changed = Buffer.from(original.toString('latin1'), 'utf8');
          const index = at % changed.length;
          changed[index] = (changed[index] ?? 0) ^ flip;
          expect(() => verifyRequest({ headers, rawBody: changed, query: {} }, SIGNING_SECRET, NOW)).toThrow(refused);
        },
      ),
    );
  });
});

describe('handleWebhook', () => {
  const adapter = createAdapter(makeChannel(), makeDeps());

  test('gives ssl_check no way round the signature', async () => {
    const check = formRequest(fixture('ssl_check'));
    await expect(
      adapter.handleWebhook({ ...check, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    ).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await adapter.handleWebhook(check)).toMatchObject({ response: { status: 200 } });
  });

  test('verifies before it parses', async () => {
    await expect(adapter.handleWebhook(request('{', { 'x-slack-signature': 'v0=' }))).rejects.toMatchObject({
      code: 'unauthorized',
    });
    await expect(adapter.handleWebhook(request('{'))).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('refuses every webhook of a channel without a signing secret', async () => {
    const open = createAdapter(makeChannel({ credentials: { bot_token: 'xoxb-test' } }), makeDeps());
    await expect(open.handleWebhook(request(body))).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
