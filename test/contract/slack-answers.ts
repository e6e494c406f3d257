import { createAdapter } from '@parley/adapter-slack';
import type { Adapter, AnswerStream, OutgoingPart, ReplyTarget, StreamState } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import { healMarkdown } from '@parley/core/markdown';
import { createLogger } from '@parley/core/telemetry';
import { type SlackSimulator, startSlackSimulator } from '@parley/simulators/slack';
import { afterEach, beforeEach, expect, vi } from 'vitest';

const KEY = '01jd3v7r6pm0q4x8k2n5t9w1ys-0';

/** A Slack of its own for each test, with adapters that stream one answer there as different processes would. */
export function useSlackAnswers() {
  let slack: SlackSimulator;
  let adapters: Adapter[];
  /** What the stream saved, oldest first: what a worker that takes the turn over may find. */
  let saved: StreamState[];

  beforeEach(async () => {
    slack = await startSlackSimulator({ speedup: 10_000 });
    [adapters, saved] = [[], []];
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(adapters.map((one) => one.close()));
    await slack.close();
  });

  const ours = (): Adapter => adapters[0] ?? another();

  /** The adapter of another process. */
  function another(): Adapter {
    const channel = channelSchema.parse({
      id: 'slack',
      tenant: 'acme',
      platform: 'slack',
      credentials: slack.credentials,
      api_base_url: slack.url,
    });
    const made = createAdapter(channel, {
      logger: createLogger('silent'),
      cache: { get: async () => undefined, set: async () => undefined },
      now: Date.now,
    });
    adapters.push(made);
    return made;
  }

  /** A question in a channel, whose answer opens a thread; or in the main flow of a direct chat. */
  async function ask(kind: 'direct' | 'group' = 'group'): Promise<ReplyTarget> {
    const { id, chat } = await slack.say({ chat: kind, kind, text: 'a question' });
    return { chat: { id: chat, kind }, messageId: id, senderId: slack.userId('alice'), state: { team: slack.teamId } };
  }

  async function open(target: ReplyTarget, earlier?: StreamState, by = ours()): Promise<AnswerStream> {
    const options = {
      idempotencyKey: KEY,
      save: async (state: StreamState) => void saved.push(structuredClone(state)),
    };
    const stream = await by.startStream?.(target, options, earlier);
    if (stream === undefined) throw new Error('The adapter does not stream');
    return stream;
  }

  function partOf(markdown: string): OutgoingPart {
    const [part, ...more] = ours().formatReply(markdown);
    if (part === undefined || more.length > 0) throw new Error('Not one part');
    return part;
  }

  async function write(stream: AnswerStream, markdown: string, size = 11): Promise<void> {
    for (let end = size; end < markdown.length; end += size) await stream.update(healMarkdown(markdown.slice(0, end)));
  }

  const answers = () =>
    ['group', 'direct'].flatMap((chat) => slack.transcript(chat)).filter(({ author }) => author === 'bot');
  const calls = (method: RegExp) =>
    slack.calls.filter((call) => method.test(call.method)).map(({ method: name }) => name);
  const fail = (method: string, error: string, times = 1) =>
    slack.misbehave({ method, times, action: { kind: 'error', error } });
  const cut = (method: string, when: 'before' | 'after') =>
    slack.misbehave({ method, times: 1, action: { kind: 'cut', when } });

  /** One message, in the right place, that says exactly this and is no longer streaming, and that can be found again. */
  async function expectAnswer(target: ReplyTarget, markdown: string): Promise<void> {
    const shown = answers();
    expect(shown).toHaveLength(1);
    const [answer] = shown;
    const blocks = await blocksOf(target, answer?.id ?? '');
    expect(blocks).toEqual(partOf(markdown).payload.blocks);
    expect(answer?.thread).toBe(target.thread ?? (target.chat.kind === 'group' ? target.messageId : undefined));
    expect(await another().findSent?.(target, KEY)).toMatchObject({ messageId: answer?.id });
    const append = await api('chat.appendStream', { channel: target.chat.id, ts: answer?.id, markdown_text: '!' });
    expect(append).toMatchObject({ error: 'message_not_in_streaming_state' });
  }

  async function api(method: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      authorization: `Bearer ${slack.credentials.bot_token}`,
    };
    const response = await fetch(`${slack.url}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(args) });
    return (await response.json()) as Record<string, unknown>;
  }

  async function blocksOf(target: ReplyTarget, ts: string): Promise<unknown> {
    const { messages } = await api('conversations.replies', { channel: target.chat.id, ts });
    return (messages as { ts: string; blocks?: unknown }[]).find((message) => message.ts === ts)?.blocks;
  }

  return {
    get slack() {
      return slack;
    },
    get saved() {
      return saved;
    },
    ...{ KEY, another, answers, api, ask, calls, cut, expectAnswer, fail, open, ours, partOf, write },
  };
}
