import { expect, test } from 'vitest';
import { ParleyError, toParleyError } from '../errors/index.ts';
import { complete, type Part, type Reading } from './complete.ts';
import type { ModelEvent } from './types.ts';

const request = { messages: [{ role: 'user' as const, content: 'hi' }] };
const reading: Reading<Part> = { partOf: (part) => part, errorOf: toParleyError };
const usage = { inputTokens: 1, outputTokens: 2, cachedInputTokens: 0 };

async function run(parts: Part[], failure?: Error): Promise<ModelEvent[]> {
  async function* stream() {
    yield* parts;
    if (failure) throw failure;
  }
  const events: ModelEvent[] = [];
  for await (const event of complete(stream(), request, reading)) events.push(event);
  return events;
}

test('leading white space is held back until there is text', async () => {
  const events = await run([
    { text: '' },
    { text: '\n' },
    { text: ' ' },
    { text: 'Hi ' },
    { text: ' ' },
    { end: 'stop', usage },
  ]);
  expect(events.map((event) => (event.type === 'delta' ? event.text : event.type))).toEqual(['\n Hi ', ' ', 'finish']);
});

test('white space alone is an empty answer, and nothing was shown', async () => {
  await expect(run([{ text: ' \n' }, { end: 'stop', usage }])).rejects.toMatchObject({ code: 'model_bad_response' });
});

test('the last usage counts', async () => {
  const events = await run([{ text: 'a', usage: { ...usage, outputTokens: 1 } }, { end: 'length' }, { usage }]);
  expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length', usage: { ...usage, estimated: false } });
});

test('a report that nobody can count with is none', async () => {
  const odd = [
    { inputTokens: Number.NaN },
    { outputTokens: 2.5 },
    { outputTokens: -1 },
    { inputTokens: 1e300 },
    { outputTokens: '7' as never },
  ];
  for (const one of odd) {
    const events = await run([{ text: 'a' }, { end: 'stop', usage: { ...usage, ...one } }]);
    expect(events.at(-1)).toMatchObject({ usage: { estimated: true, outputTokens: 1 } });
  }
});

test('an answer that never ends is ended, and its source is left', async () => {
  let left = false;
  async function* endless() {
    try {
      for (;;) yield { text: 'and so on '.repeat(1000) };
    } finally {
      left = true;
    }
  }
  const events: ModelEvent[] = [];
  for await (const event of complete(endless(), { ...request, maxOutputTokens: 10 }, reading)) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
  expect(left).toBe(true);
});

test('a failure after the end marker costs only the usage report', async () => {
  const events = await run([{ text: 'a' }, { end: 'stop' }], new TypeError('terminated'));
  expect(events.at(-1)).toMatchObject({ reason: 'stop', usage: { estimated: true } });
  const aborted = new ParleyError('model_aborted', 'aborted');
  await expect(run([{ text: 'a' }, { end: 'stop' }], aborted)).rejects.toBe(aborted);
});

test.each([
  [[{ text: 'a' }], 'model_bad_response'],
  [[{ text: 'a', end: 'filtered' }], 'model_content_filtered'],
  [[{ text: 'a' }, { end: 'unavailable' }], 'model_overloaded'],
] as [Part[], string][])('%j is %s', async (parts, code) => {
  await expect(run(parts)).rejects.toMatchObject({ code });
});
