import type { ParleyError } from '@parley/core/errors';
import type { ModelEvent } from '@parley/core/provider';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startAnthropicSimulator, startOpenAiSimulator } from './index.ts';
import { callOf, KEYS, providers, QUESTION, run, SECRET_PROMPT } from './provider-call.ts';
import type { FaultAction, ModelSimulator } from './types.ts';

const LONG_REPLY = 'abcd'.repeat(60);
const simulators = new Map<string, ModelSimulator>();
const stops: (() => void)[] = [];

beforeAll(async () => {
  const reply = ({ messages }: { messages: { content: string }[] }) =>
    messages.at(-1)?.content === 'hi' ? 'Hello there, friend!' : LONG_REPLY;
  simulators.set('openai', await startOpenAiSimulator({ keys: KEYS, reply }));
  simulators.set('anthropic', await startAnthropicSimulator({ keys: KEYS, reply }));
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => Promise.all([providers.close(), ...[...simulators.values()].map((simulator) => simulator.close())]));

function simulatorOf(provider: string): ModelSimulator {
  const simulator = simulators.get(provider);
  if (simulator === undefined) throw new Error(`no simulator plays ${provider}`);
  return simulator;
}

const urlOf = (provider: string) => simulatorOf(provider).url;

describe.each(['openai', 'anthropic'] as const)('%s', (provider) => {
  test('streams the answer and ends with the reported usage', async () => {
    const request = { ...QUESTION, messages: [{ role: 'user' as const, content: 'hi' }], temperature: 0.5 };
    const { events, text, error } = await run(request, callOf(provider, urlOf(provider)));
    expect(error).toBeUndefined();
    expect(text).toBe('Hello there, friend!');
    // What arrives together may come together.
    const deltas = events.filter(({ type }) => type === 'delta').length;
    expect(deltas).toBeGreaterThanOrEqual(1);
    expect(deltas).toBeLessThanOrEqual(5);
    expect(events.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens: 3, outputTokens: 5, cachedInputTokens: 0, estimated: false },
    });
    const { chat, keyIndex } = simulatorOf(provider).requests.at(-1) ?? {};
    expect(chat).toMatchObject({
      model: 'sim-1',
      system: 'Be brief.',
      temperature: 0.5,
      stream: true,
      maxTokens: 1024,
    });
    expect(keyIndex).toBe(0);
  });

  test('the smaller output limit wins and ends the answer with length', async () => {
    const { finish } = await run({ ...QUESTION, maxOutputTokens: 7 }, callOf(provider, urlOf(provider)));
    expect(finish).toMatchObject({ reason: 'length', usage: { outputTokens: 7 } });
    expect(
      (
        await run(
          { ...QUESTION, maxOutputTokens: 999 },
          callOf(provider, urlOf(provider), {}, { max_output_tokens: 5 }),
        )
      ).finish,
    ).toMatchObject({
      reason: 'length',
    });
    expect(simulatorOf(provider).requests.at(-1)?.chat?.maxTokens).toBe(5);
  });

  const faults: [FaultAction, string, { shown?: boolean; retryAfterMs?: number }?][] = [
    [{ kind: 'rate_limit', retryAfterSeconds: 7 }, 'model_rate_limited', { retryAfterMs: 7000 }],
    [{ kind: 'rate_limit', retryAfterMs: 1500, retryAfterSeconds: 2 }, 'model_rate_limited', { retryAfterMs: 1500 }],
    [{ kind: 'rate_limit' }, 'model_rate_limited'],
    [{ kind: 'overloaded' }, 'model_overloaded'],
    [{ kind: 'status', status: 529 }, 'model_overloaded'],
    [{ kind: 'status', status: 502, body: '<html>Bad Gateway</html>' }, 'model_overloaded'],
    [{ kind: 'status', status: 409 }, 'model_overloaded'],
    [{ kind: 'status', status: 408 }, 'model_timeout'],
    [{ kind: 'status', status: 402 }, 'model_out_of_money'],
    [{ kind: 'status', status: 403 }, 'model_auth'],
    [{ kind: 'status', status: 404 }, 'model_auth'],
    [{ kind: 'status', status: 413 }, 'model_context_too_long'],
    [{ kind: 'status', status: 400, body: '{"error":{"message":"bad"}}' }, 'model_invalid_request'],
    [{ kind: 'out_of_money' }, 'model_out_of_money'],
    [{ kind: 'unauthorized' }, 'model_auth'],
    [{ kind: 'context_length' }, 'model_context_too_long'],
    [{ kind: 'content_filter', when: 'answer' }, 'model_content_filtered', { shown: true }],
    [{ kind: 'empty' }, 'model_bad_response'],
    [{ kind: 'error_body' }, 'model_bad_response'],
    [{ kind: 'status', status: 200, body: '' }, 'model_bad_response'],
    [{ kind: 'error_in_stream', afterTokens: 3 }, 'model_bad_response', { shown: true }],
    [{ kind: 'cut', afterTokens: 40 }, 'model_bad_response', { shown: true }],
    [{ kind: 'cut', afterTokens: 0 }, 'model_bad_response'],
    [{ kind: 'malformed', afterTokens: 2 }, 'model_bad_response', { shown: true }],
    [{ kind: 'no_finish' }, 'model_bad_response', { shown: true }],
  ];
  test.each(faults)('%j is %s', async (action, code, { shown = false, retryAfterMs } = {}) => {
    stops.push(simulatorOf(provider).misbehave({ action }));
    const { error, text, finish } = await run(QUESTION, callOf(provider, urlOf(provider)));
    expect(error?.code).toBe(code);
    expect(error?.retryAfterMs).toBe(retryAfterMs);
    expect(text !== '').toBe(shown);
    expect(finish).toBeUndefined();
    expectNoSecrets(error);
  });

  test.each([400, 401, 500])('a %i that quotes key and prompt does not get them into the error', async (status) => {
    const message = `Bad key ${KEYS[0]} for: ${SECRET_PROMPT}`;
    const body = JSON.stringify({ error: { message, code: KEYS[0], type: message } });
    stops.push(simulatorOf(provider).misbehave({ action: { kind: 'status', status, body } }));
    const { error } = await run(QUESTION, callOf(provider, urlOf(provider)));
    expect(error?.message).toContain(String(status));
    expectNoSecrets(error);
  });

  test.each([
    [{ kind: 'slow_headers', ms: 60_000 }, ''],
    [{ kind: 'stall', afterTokens: 0 }, ''],
    [{ kind: 'stall', afterTokens: 2 }, 'abcdabcd'],
  ] as [FaultAction, string][])('%j is model_timeout, and the connection is closed', async (action, shown) => {
    stops.push(simulatorOf(provider).misbehave({ action, times: 1 }));
    const { error, text } = await run(QUESTION, callOf(provider, urlOf(provider), {}, { timeout_seconds: 0.2 }));
    expect(error?.code).toBe('model_timeout');
    expect(text).toBe(shown);
    const record = simulatorOf(provider).requests.at(-1);
    await simulatorOf(provider).waitForRequest((request) => request === record && request.outcome === 'client_left');
  });

  test('a slow answer with steady tokens is no timeout', async () => {
    const slow = await { openai: startOpenAiSimulator, anthropic: startAnthropicSimulator }[provider]({
      tokensPerSecond: 20,
      reply: () => 'abcd'.repeat(12),
    });
    const { text, error } = await run(QUESTION, callOf(provider, slow.url, {}, { timeout_seconds: 0.4 }));
    expect(error).toBeUndefined();
    expect(text).toHaveLength(48);
    await slow.close();
  });

  test('an aborted signal is model_aborted, before and in mid-stream', async () => {
    const controller = new AbortController();
    stops.push(simulatorOf(provider).misbehave({ action: { kind: 'stall', afterTokens: 3 } }));
    const call = callOf(provider, urlOf(provider), { signal: controller.signal });
    const events = providers.providerFor(call.model).stream(QUESTION, call)[Symbol.asyncIterator]();
    await events.next();
    controller.abort();
    await expect(drain(events)).rejects.toMatchObject({ code: 'model_aborted' });
    const record = simulatorOf(provider).requests.at(-1);
    await simulatorOf(provider).waitForRequest((request) => request === record && request.outcome === 'client_left');

    expect((await run(QUESTION, call)).error?.code).toBe('model_aborted');
  });

  test('a reader that leaves ends the request', async () => {
    stops.push(simulatorOf(provider).misbehave({ action: { kind: 'stall', afterTokens: 3 } }));
    const call = callOf(provider, urlOf(provider));
    for await (const _ of providers.providerFor(call.model).stream(QUESTION, call)) break;
    const record = simulatorOf(provider).requests.at(-1);
    await simulatorOf(provider).waitForRequest((request) => request === record && request.outcome === 'client_left');
  });

  test('counts for itself when the API reports no usage', async () => {
    stops.push(simulatorOf(provider).misbehave({ action: { kind: 'no_usage' } }));
    const { finish } = await run(QUESTION, callOf(provider, urlOf(provider)));
    expect(finish).toMatchObject({ usage: { estimated: true } });
    expect(finish?.usage.inputTokens).toBeGreaterThan(5);
    expect(finish?.usage.outputTokens).toBeGreaterThan(10);
  });

  test('an unknown key, a missing key and an impossible key are model_auth', async () => {
    for (const apiKey of ['sk-unknown', undefined, 'sk-with\nnewline']) {
      const { error } = await run(QUESTION, callOf(provider, urlOf(provider), { apiKey }));
      expect(error?.code).toBe('model_auth');
      expectNoSecrets(error);
      if (apiKey) expect(error?.message).not.toContain(apiKey);
    }
  });

  test('a refused connection is model_overloaded and says so', async () => {
    const gone = await startOpenAiSimulator();
    await gone.close();
    const { error } = await run(QUESTION, callOf(provider, gone.url));
    expect(error).toMatchObject({ code: 'model_overloaded', message: expect.stringMatching(/refused/) });
  });

  test('an unknown host is model_overloaded and says so', async () => {
    const { error } = await run(QUESTION, callOf(provider, 'http://nothing.invalid'));
    expect(error).toMatchObject({ code: 'model_overloaded', message: expect.stringMatching(/host name/) });
  });

  test('a failed TLS handshake is model_overloaded and says so', async () => {
    const baseUrl = simulatorOf(provider).url.replace('http:', 'https:');
    const { error } = await run(QUESTION, callOf(provider, baseUrl));
    expect(error).toMatchObject({ code: 'model_overloaded', message: expect.stringMatching(/TLS/) });
  });

  test('a very long answer arrives whole', async () => {
    const long = await { openai: startOpenAiSimulator, anthropic: startAnthropicSimulator }[provider]({
      reply: () => '很长的答案🙂'.repeat(2000),
    });
    const { text, error } = await run(QUESTION, callOf(provider, long.url, {}, { max_output_tokens: 100_000 }));
    expect(error).toBeUndefined();
    expect(text).toBe('很长的答案🙂'.repeat(2000));
    await long.close();
  });
});

async function drain(events: AsyncIterator<ModelEvent>): Promise<void> {
  while (!(await events.next()).done);
}

function expectNoSecrets(error: ParleyError | undefined): void {
  const all = JSON.stringify([error, error?.message, error?.stack, String(error?.cause)]);
  for (const secret of [...KEYS, SECRET_PROMPT, LONG_REPLY.slice(0, 12)]) expect(all).not.toContain(secret);
}
