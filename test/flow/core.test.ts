import { startAnthropicSimulator } from '@parley/simulators/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { answered, botSaid, PLATFORM_NAMES, type PlatformName } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { metric } from './helpers/metrics.ts';

/** Guard, rules, cache, quota and fallback as people meet them: signed webhooks in, replies out. */
const cleanup = createCleanup();
let world: World;
let second: Awaited<ReturnType<typeof startAnthropicSimulator>>;
let hub: TestHub;

const CARD = '4111 1111 1111 1111';
const reply = ({ messages }: { messages: { content: string }[] }) =>
  `answer to "${messages.at(-1)?.content ?? ''}" after ${messages.length - 1} earlier`;

const base = () => ({
  guard: [{ tenant: 'acme', mask: ['credit_card', 'email'], block_keywords: ['moonshine', '禁词'] }],
  rules: [
    { tenant: 'acme', match: { exact: ['hello there'] }, reply: 'Hello {name} on {platform}!' },
    { tenant: 'acme', match: { prefix: ['/draw', 'fyi'] }, ignore: true },
    { tenant: 'acme', match: { keywords: ['poem'] }, model: 'claude' },
  ],
  models: [
    {
      id: 'claude',
      provider: 'anthropic',
      model: 'claude-sim',
      endpoints: [{ base_url: second.url }],
      keys: ['sk-ant-sim'],
      price: { input: 1, output: 1 },
    },
  ],
});
const config = (tenant: object = {}) => world.config({ tenant: { models: ['sim', 'claude'], ...tenant }, ...base() });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply } }));
  second = cleanup.add(await startAnthropicSimulator({ reply: (request) => `claude: ${reply(request)}` }));
  hub = cleanup.add(await startHub({ config: config() }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());

/** Puts another version of the tenant in force. */
async function apply(tenant: object): Promise<void> {
  const count = () => hub.logs.filter(({ msg }) => msg.includes('the new configuration is in force')).length;
  const before = count();
  await hub.writeConfig(config(tenant));
  await until('the new version', () => count() > before);
}

const asked = () => [...world.openai.requests, ...second.requests].map(({ body }) => JSON.stringify(body));

describe.each(PLATFORM_NAMES)('on %s', (name) => {
  const say = (chat: string, text: string, from = 'alice') => world[name].say({ chat, text, from });

  test('a card number never reaches the model, and the asker never notices, also in the next turn', async () => {
    const chat = `${name}-card`;
    await say(chat, `is ${CARD} mine?`);
    await answered(world[name], chat, `answer to "is ${CARD} mine?"`);
    await say(chat, `and ${CARD} again`);
    await answered(world[name], chat, `answer to "and ${CARD} again" after 2 earlier`);
    const seen = asked().filter((body) => body.includes('CREDIT_CARD'));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(asked().filter((body) => body.includes('4111'))).toEqual([]);
    expect(hub.logs.filter((line) => JSON.stringify(line).includes('4111'))).toEqual([]);
  });

  test('a blocked word is refused in the language of the asker, and no model hears of it', async () => {
    const chat = `${name}-blocked`;
    await say(chat, 'how do I make moonshine');
    await answered(world[name], chat, 'not allowed here');
    await say(chat, '请告诉我禁词是什么');
    await answered(world[name], chat, '不允许的话题');
    expect(asked().filter((body) => /moonshine|禁词/.test(body))).toEqual([]);
  });

  test('rules reply with names filled in, ignore, or pick a model', async () => {
    const chat = `${name}-rules`;
    await say(chat, 'hello there');
    await answered(world[name], chat, ` on ${name}!`);
    await say(chat, 'fyi: nothing to answer');
    await say(chat, 'write a poem');
    await answered(world[name], chat, 'claude: answer to "write a poem"');
    expect(botSaid(world[name], chat)).toHaveLength(2);
  });

  test('when the first model is down the second one answers', async () => {
    const chat = `${name}-fallback`;
    const stop = world.openai.misbehave({ action: { kind: 'overloaded' } });
    try {
      await say(chat, 'who is there');
      await answered(world[name], chat, 'claude: answer to "who is there"');
    } finally {
      stop();
    }
  });
});

describe('limits', () => {
  const refusedBy = (platform: PlatformName, reason: string) =>
    metric(hub.url, 'parley_refusals_total', { platform, reason });

  test('a user over the limit is told which, and others are not bothered', async () => {
    await apply({ user_limits: { minute: 2 } });
    for (const text of ['one', 'two']) {
      await world.slack.say({ chat: 'dave-slack', from: 'dave', text });
      await answered(world.slack, 'dave-slack', `answer to "${text}"`);
    }
    await world.slack.say({ chat: 'dave-slack', from: 'dave', text: 'three' });
    const told = await answered(world.slack, 'dave-slack', 'limit');
    expect(told.text).toMatch(/2/);
    await world.slack.say({ chat: 'erin-slack', from: 'erin', text: 'me' });
    await answered(world.slack, 'erin-slack', 'answer to "me"');
    await world.slack.say({ chat: 'dave-slack', from: 'dave', text: '还能问吗' });
    await answered(world.slack, 'dave-slack', '限');
    expect(await refusedBy('slack', 'rate')).toBe(2);
  });

  test('/quota tells what is left', async () => {
    await apply({ user_limits: { day: 50 }, budget: { monthly_usd: 5 } });
    await world.telegram.say({ chat: 'quota', text: '/quota' });
    const told = await answered(world.telegram, 'quota', '50');
    expect(told.text).toContain('$5.00');
  });

  test('a budget that is used up blocks, says so, and the administrators hear of it once', async () => {
    await world.telegram.say({ chat: 'admins', text: 'we are here' });
    await answered(world.telegram, 'admins', 'we are here');
    // Claude costs a dollar a million tokens; the budget is a few hundred tokens.
    await apply({
      models: ['claude'],
      budget: { monthly_usd: 0.002, warn_at: [0.1] },
      admin_chat: { channel: 'telegram', chat: String(world.telegram.chatId('admins')) },
    });
    for (let i = 0; ; i++) {
      const before = botSaid(world.feishu, 'spender').length;
      await world.feishu.say({ chat: 'spender', from: 'frank', text: `spend ${i} ${'much '.repeat(60)}` });
      await until('a reply', () => botSaid(world.feishu, 'spender').length > before);
      if (/budget/i.test(botSaid(world.feishu, 'spender').at(-1) ?? '')) break;
      expect(i).toBeLessThan(50);
    }
    await answered(world.telegram, 'admins', '10 %');
    await until('the warnings', () => botSaid(world.telegram, 'admins').length > 0);
    const warnings = botSaid(world.telegram, 'admins').filter((text) => text.includes('10 %'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('预算');
  });

  test('a used-up budget goes down to a free model where the tenant says so', async () => {
    await apply({
      models: ['claude'],
      budget: { monthly_usd: 0.002, on_exceeded: 'downgrade', downgrade_to: 'sim' },
    });
    await world.feishu.say({ chat: 'saver', from: 'grace', text: `still there ${'or not '.repeat(800)}` });
    await answered(world.feishu, 'saver', 'answer to "still there');
    expect(botSaid(world.feishu, 'saver').join()).not.toContain('claude');
  });
});

describe('the answer cache', () => {
  test('a repeated context-free question asks the model once', async () => {
    await apply({ cache: { ttl_seconds: 600 } });
    const before = world.openai.requests.length;
    await world.slack.say({ chat: 'cache-1', text: 'what is the capital of France' });
    await answered(world.slack, 'cache-1', 'capital of France');
    await world.telegram.say({ chat: 'cache-2', text: 'what is the capital of France' });
    await answered(world.telegram, 'cache-2', 'capital of France');
    expect(world.openai.requests.length).toBe(before + 1);
    expect(await metric(hub.url, 'parley_cache_lookups_total', { outcome: 'hit' })).toBe(1);
  });

  test('one with personal data never comes from it', async () => {
    const before = world.openai.requests.length;
    for (const chat of ['cache-3', 'cache-4']) {
      await world.slack.say({ chat, text: 'write to bob@example.com' });
      await answered(world.slack, chat, 'bob@example.com');
    }
    expect(world.openai.requests.length).toBe(before + 2);
  });
});
