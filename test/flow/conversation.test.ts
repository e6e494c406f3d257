import type { PlatformSimulator, SimMessage } from '@parley/simulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { metric } from './helpers/metrics.ts';

let world: World;
let hub: TestHub;

beforeAll(async () => {
  world = await createWorld({
    model: {
      // Says what it was asked and how much it remembers: enough to tell one conversation from another.
      reply: ({ messages }) => `answer to "${messages.at(-1)?.content}" after ${messages.length - 1} earlier messages`,
    },
  });
  hub = await startHub({ config: world.config() });
  world.connect(hub.url);
});
afterAll(async () => {
  await hub?.stop();
  await world?.close();
});

const fromBot = (text: string) => (message: SimMessage) => message.author === 'bot' && message.text.includes(text);
let chats = 0;
const newChat = () => `chat-${++chats}`;
const botSaid = (platform: PlatformSimulator, chat: string) =>
  platform.transcript(chat).filter(({ author }) => author === 'bot');

describe.each(['slack', 'telegram', 'feishu'] as const)('on %s', (name) => {
  const platform = () => world[name];

  test('a direct question is answered by the model, and remembered', async () => {
    const chat = newChat();
    await platform().say({ chat, text: 'what is a hub' });
    await platform().waitFor(chat, fromBot('answer to "what is a hub" after 0 earlier'));
    await platform().say({ chat, text: 'and a spoke' });
    await platform().waitFor(chat, fromBot('answer to "and a spoke" after 2 earlier'));
    expect(botSaid(platform(), chat)).toHaveLength(2);
  });

  test('/reset begins a new conversation', async () => {
    const chat = newChat();
    await platform().say({ chat, text: 'first' });
    await platform().waitFor(chat, fromBot('"first"'));
    await command(name, chat, 'reset');
    await platform().waitFor(chat, fromBot('new conversation'));
    await platform().say({ chat, text: 'second' });
    await platform().waitFor(chat, fromBot('"second" after 0 earlier'));
  });

  test('/help and /model speak the language of the asker', async () => {
    const chat = newChat();
    await command(name, chat, 'help');
    await platform().waitFor(chat, fromBot('Ask me anything'));
    await command(name, chat, 'model', '没有的模型');
    await platform().waitFor(chat, fromBot('没有名为'));
    await command(name, chat, 'model', 'sim');
    await platform().waitFor(chat, fromBot('now uses'));
  });

  test('in a group only a mention is answered, in place, quoting or in a thread', async () => {
    const chat = newChat();
    await platform().say({ chat, kind: 'group', text: 'chatter among people' });
    const question = await platform().say({ chat, kind: 'group', text: 'what is it', mentionBot: true });
    const reply = await platform().waitFor(chat, fromBot('answer to "what is it"'));
    if (name === 'slack') expect(reply.thread).toBe(question.id);
    else expect(reply.replyTo).toBe(question.id);
    expect(botSaid(platform(), chat)).toHaveLength(1);
  });

  test("a reply under the bot's own message needs no mention", async () => {
    const chat = newChat();
    const question = await platform().say({ chat, kind: 'group', text: 'begin', mentionBot: true });
    const reply = await platform().waitFor(chat, fromBot('"begin"'));
    // It may be seen while it is written; that it is the bot's own is known when its turn ends.
    await until('the end of the turn', async () => (await metric(hub.url, 'parley_active_turns')) === 0);
    await platform().say({
      chat,
      kind: 'group',
      text: 'go on',
      ...(name === 'slack' ? { thread: question.id } : { replyTo: reply.id }),
    });
    await platform().waitFor(chat, fromBot('"go on"'));
  });

  test('events delivered twice are answered once', async () => {
    const chat = newChat();
    const stop = platform().disturb({ action: { kind: 'duplicate' } });
    await platform().say({ chat, text: 'only once' });
    await platform().waitFor(chat, fromBot('"only once"'));
    stop();
    await platform().say({ chat, text: 'the end' });
    await platform().waitFor(chat, fromBot('"the end"'));
    expect(botSaid(platform(), chat)).toHaveLength(2);
  });

  test('a model that fails is told honestly, with a reference', async () => {
    const chat = newChat();
    const stop = world.openai.misbehave({ action: { kind: 'unauthorized' } });
    await platform().say({ chat, text: '你好吗' });
    const reply = await platform().waitFor(chat, fromBot('编号'));
    stop();
    const reference = /编号：(\w{26})/.exec(reply.text)?.[1];
    const line = await until('the log line', () =>
      hub.logs.find(({ request_id, status }) => request_id === reference && status),
    );
    expect(line).toMatchObject({ status: 'failed', tenant: 'acme', platform: name, error_code: 'model_auth' });
  });

  test('a burst in one chat is answered in order', async () => {
    const chat = newChat();
    for (let i = 0; i < 8; i++) {
      const before = platform().deliveries.length;
      await platform().say({ chat, text: `number ${i}` });
      // Slack and Feishu promise no order between deliveries under way at once; people type slower than that.
      await until('the delivery', () => platform().deliveries.length > before);
    }
    await platform().waitFor(chat, fromBot('"number 7"'));
    const numbers = botSaid(platform(), chat).map(({ text }) => /number (\d)/.exec(text)?.[1]);
    expect(numbers).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });
});

test('every finished turn has its log line and its metrics', async () => {
  const line = hub.logs.find(({ msg, status }) => msg === 'turn finished' && status === 'success');
  expect(Object.keys(line ?? {})).toEqual(
    expect.arrayContaining(
      'time level request_id tenant platform channel user_id model status error_code response_time tokens_in tokens_out cost_usd'.split(
        ' ',
      ),
    ),
  );
  expect(JSON.stringify(hub.logs)).not.toContain('what is a hub');
  const metrics = await until('an empty queue', async () => {
    const text = await (await fetch(`${hub.url}/metrics`)).text();
    return /parley_queue_depth 0\n/.test(text) && text;
  });
  expect(metrics).toMatch(/parley_events_total\{platform="slack",outcome="accepted"\} [1-9]/);
  expect(metrics).toMatch(/parley_events_total\{platform="telegram",outcome="not_addressed"\} [1-9]/);
  expect(metrics).toMatch(/parley_model_calls_total\{model="sim",status="success"\} [1-9]/);
  expect(metrics).toMatch(/parley_turn_duration_seconds_count\{platform="feishu",status="success"\} [1-9]/);
});

/** Commands as people on that platform write them. */
async function command(name: 'slack' | 'telegram' | 'feishu', chat: string, word: string, args = ''): Promise<void> {
  if (name === 'slack') await world.slack.slash({ chat, command: '/ai', text: `${word} ${args}`.trim() });
  else await world[name].say({ chat, text: `/${word} ${args}`.trim() });
}
