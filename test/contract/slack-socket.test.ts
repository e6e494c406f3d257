import { createAdapter } from '@parley/adapter-slack';
import type { Adapter, EventSink, InboundEvent, ReplyTarget } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import type { Message } from '@parley/core/message';
import { createLogger } from '@parley/core/telemetry';
import { type SlackSimulator, type SlackSimulatorOptions, startSlackSimulator } from '@parley/simulators/slack';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../support/index.ts';

let slack: SlackSimulator;
let adapter: Adapter;
let stop: AbortController;
let taken: InboundEvent[];

afterEach(async () => {
  stop.abort();
  await adapter.close();
  await slack.close();
});

async function start(options: SlackSimulatorOptions = {}): Promise<void> {
  slack = await startSlackSimulator({ speedup: 10_000, ...options });
  const channel = channelSchema.parse({
    id: 'slack',
    tenant: 'acme',
    platform: 'slack',
    transport: 'socket',
    credentials: slack.credentials,
    api_base_url: slack.url,
  });
  adapter = createAdapter(channel, {
    logger: createLogger('silent'),
    cache: { get: async () => undefined, set: async () => undefined },
    now: Date.now,
  });
  stop = new AbortController();
  taken = [];
}

const take: EventSink = async (events) => void taken.push(...events);

/** Once the connection stands: what `connect` promised, to be awaited at the end. */
async function connect(sink: EventSink = take): Promise<{ running: Promise<void> }> {
  if (adapter.connect === undefined) throw new Error('The adapter has no long connection');
  const running = adapter.connect(sink, stop.signal);
  await until('the connection', () => slack.socketCount() === 1);
  return { running };
}

const messages = (): Message[] => taken.flatMap((event) => (event.kind === 'message' ? [event.message] : []));
const texts = () => messages().map(({ text }) => text);
const opened = () => slack.calls.filter(({ method }) => method === 'apps.connections.open').length;
const accepted = () => slack.deliveries.filter(({ status }) => status === 200);

describe('Socket Mode', () => {
  test('takes what people say and slash commands', async () => {
    await start();
    await connect();
    const said = await slack.say({ chat: 'general', kind: 'group', text: 'hello', mentionBot: true });
    await slack.slash({ chat: 'general', command: '/ai', text: 'why?' });
    // The post comes twice, as `message` and as `app_mention`.
    await until('three acknowledgements', () => accepted().length === 3);
    expect(messages()).toContainEqual(
      expect.objectContaining({ id: said.id, text: 'hello', addressed: 'mention', opensThread: said.id }),
    );
    expect(messages()).toContainEqual(expect.objectContaining({ command: { name: '/ai', args: 'why?' } }));
    expect(slack.calls.map(({ method }) => method)).toEqual(['apps.connections.open']);
  });

  test('acknowledges an event only when the sink is done with it', async () => {
    await start();
    const gate = Promise.withResolvers<void>();
    await connect(async (events) => {
      if (events.some((event) => event.kind === 'message' && event.message.text === 'slow')) await gate.promise;
      await take(events);
    });
    await slack.say({ chat: 'dm', text: 'slow' });
    await slack.say({ chat: 'dm', text: 'quick' });
    await until('the quick one', () => accepted().length === 1);
    expect(texts()).toEqual(['quick']);
    gate.resolve();
    await until('the slow one', () => accepted().length === 2);
    expect(slack.deliveries.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test('is given again what the sink could not take', async () => {
    await start({ ackTimeoutMs: 400 });
    let tries = 0;
    await connect(async (events) => {
      tries += 1;
      if (tries < 3) throw new Error('Redis is away');
      await take(events);
    });
    await slack.say({ chat: 'dm', text: 'keep trying' });
    await until('the acknowledgement', () => accepted().length === 1);
    expect(texts()).toEqual(['keep trying']);
    expect(slack.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 0],
      [2, 0],
      [3, 200],
    ]);
  });

  test('connects again when Slack ends the connection, and ends by its signal', async () => {
    await start();
    const { running } = await connect();
    await slack.say({ chat: 'dm', text: 'before' });
    await until('the first', () => accepted().length === 1);
    slack.disconnectSockets();
    await until('a second connection', () => opened() === 2 && slack.socketCount() === 1);
    await slack.say({ chat: 'dm', text: 'after' });
    await until('the second', () => accepted().length === 2);
    expect(texts()).toEqual(['before', 'after']);
    stop.abort();
    await running;
    await until('the end of the connection', () => slack.socketCount() === 0);
    expect(opened()).toBe(2);
  });
});

describe('a send whose outcome is unknown', () => {
  const options = { idempotencyKey: '01jd3v7r6pm0q4x8k2n5t9w1ys-0' };
  const find = (target: ReplyTarget) => adapter.findSent?.(target, options.idempotencyKey);

  async function ask(kind: 'direct' | 'group'): Promise<ReplyTarget> {
    const { id, chat } = await slack.say({ chat: kind, kind, text: 'a question' });
    return { chat: { id: chat, kind }, messageId: id, senderId: slack.userId('alice') };
  }

  async function post(target: ReplyTarget) {
    const [part] = adapter.formatReply('an *answer*');
    if (part === undefined) throw new Error('No part');
    return { part, receipt: await adapter.postMessage(target, part, options) };
  }

  test.each(['direct', 'group'] as const)('is found when it reached a %s chat, and only then', async (kind) => {
    await start();
    const target = await ask(kind);
    for (const when of ['before', 'after'] as const) {
      slack.misbehave({ method: 'chat.postMessage', times: 1, action: { kind: 'cut', when } });
      await expect(post(target)).rejects.toMatchObject({ outcomeUnknown: true });
      const answer = slack.transcript(target.chat.id).find(({ author }) => author === 'bot');
      expect(await find(target)).toEqual(answer && { messageId: answer.id, refs: [answer.id] });
      expect(answer === undefined).toBe(when === 'before');
    }
  });

  test('is found after it was edited, and after much talk', async () => {
    await start();
    const target = await ask('direct');
    const { part, receipt } = await post(target);
    for (let index = 0; index < 250; index += 1) await slack.say({ chat: 'direct', text: `talk ${index}` });
    await adapter.editMessage?.(target, receipt, part, { idempotencyKey: 'an-edit' });
    expect(await find(target)).toEqual(receipt);
    expect(slack.calls.filter(({ method }) => method === 'conversations.history')).toHaveLength(2);
  });

  test('is not given up for lost when the chat cannot be read', async () => {
    await start();
    const target = await ask('direct');
    slack.misbehave({ method: 'conversations.history', action: { kind: 'error', error: 'missing_scope' } });
    await expect(find(target)).rejects.toMatchObject({ code: 'platform_rejected' });
  });
});
