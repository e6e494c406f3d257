import { expect, test } from 'vitest';
import { type Refusal, refused, retryAfterMs } from './failure.ts';

const refusal = (over: Partial<Refusal>): Refusal => ({
  provider: 'openai',
  status: 400,
  names: [],
  text: '',
  headers: undefined,
  requestId: undefined,
  ...over,
});

test.each([
  [{ status: 429, names: ['1113'] }, 'model_out_of_money'],
  [{ status: 403, names: ['insufficient_user_quota'] }, 'model_out_of_money'],
  [{ status: 400, names: ['1301'] }, 'model_content_filtered'],
  [{ status: 400, text: 'Content Exists Risk' }, 'model_content_filtered'],
  [{ status: 400, text: 'This model has a maximum context length of 4096 tokens' }, 'model_context_too_long'],
  [{ status: 400, text: 'prompt is too long: 1 > 0' }, 'model_context_too_long'],
  [{ status: 503, names: ['insufficient_quota'] }, 'model_overloaded'],
  [{ status: undefined, names: ['overloaded_error'] }, 'model_overloaded'],
  [{ status: undefined, names: ['rate_limit_exceeded'] }, 'model_rate_limited'],
  [{ status: undefined, names: [] }, 'model_bad_response'],
  [{ status: 302 }, 'model_bad_response'],
] as [Partial<Refusal>, string][])('%j is %s', (over, code) => {
  expect(refused(refusal(over)).code).toBe(code);
});

test('the message repeats names and request id only where they look like such', () => {
  expect(refused(refusal({ names: ['invalid_api_key'], requestId: 'req_1', text: 'sk-secret' })).message).toBe(
    'openai answered 400 (invalid_api_key) request req_1',
  );
  const odd = refused(refusal({ names: ['Incorrect key: sk-secret'], requestId: 'sk secret', text: 'sk-secret' }));
  expect(odd.message).toBe('openai answered 400');
});

test('Retry-After in seconds, milliseconds or as a date; nonsense is ignored', () => {
  expect(retryAfterMs(undefined)).toBeUndefined();
  expect(retryAfterMs(new Headers())).toBeUndefined();
  expect(retryAfterMs(new Headers({ 'retry-after': '1.5' }))).toBe(1500);
  expect(retryAfterMs(new Headers({ 'retry-after': '9', 'retry-after-ms': '12.3' }))).toBe(13);
  expect(retryAfterMs(new Headers({ 'retry-after': 'soon' }))).toBeUndefined();
  expect(retryAfterMs(new Headers({ 'retry-after': '-5' }))).toBe(0);
  expect(retryAfterMs(new Headers({ 'retry-after': '999999999' }))).toBe(24 * 3_600_000);
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  const wait = retryAfterMs(new Headers({ 'retry-after': inAMinute })) ?? 0;
  expect(wait).toBeGreaterThan(50_000);
  expect(wait).toBeLessThanOrEqual(60_000);
});
