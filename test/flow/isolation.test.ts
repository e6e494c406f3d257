import type { SimMessage } from '@parley/simulators';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';

let world: World;
let hub: TestHub;
beforeAll(async () => {
  world = await createWorld({ model: { reply: ({ messages }) => `answer to ${messages.at(-1)?.content}` } });
  // Two conversations at a time: whoever holds a place for nothing is felt at once.
  hub = await startHub({ config: world.config(), env: { PARLEY_WORKER_CONCURRENCY: '2' } });
  world.connect(hub.url);
});
afterAll(async () => {
  await hub?.stop();
  await world?.close();
});

const fromBot = (text: string) => (message: SimMessage) => message.author === 'bot' && message.text.includes(text);

test('a platform that is flooded does not use up the workers of the others, and gets its answers afterwards', async () => {
  const { slack, telegram } = world;
  const stop = slack.misbehave({ method: 'chat.postMessage', action: { kind: 'rate_limit', retryAfterSeconds: 6 } });
  const chats = Array.from({ length: 6 }, (_, i) => `flooded-${i}`);
  for (const chat of chats) await slack.say({ chat, text: `slack question in ${chat}` });
  const refused = () => slack.calls.filter(({ method, status }) => method === 'chat.postMessage' && status === 429);
  await until('every chat was refused', () => refused().length >= chats.length);

  await telegram.say({ chat: 'free', text: 'telegram question' });
  await telegram.waitFor('free', fromBot('answer to telegram question'));
  expect(slack.transcript('flooded-0').some(fromBot('answer'))).toBe(false);

  stop();
  for (const chat of chats) {
    await slack.waitFor(chat, fromBot(`answer to slack question in ${chat}`), 30_000);
    expect(slack.transcript(chat).filter(({ author }) => author === 'bot')).toHaveLength(1);
  }
});
