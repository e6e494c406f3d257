import type { InboundEvent } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './client.ts';
import { createConnect } from './connect.ts';
import { createIdentity } from './identity.ts';
import {
  type Answer,
  type BotApi,
  channelAt,
  ok,
  refuse,
  silence,
  startBotApi,
  TOKEN,
  testDeps,
} from './testing/bot-api.ts';

let api: BotApi;
let client: Client;
let abort: AbortController;
let deps: ReturnType<typeof testDeps>;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
  abort = new AbortController();
  deps = testDeps();
  api.on('getWebhookInfo', ok({ url: '', pending_update_count: 0 }));
  api.on('deleteWebhook', ok(true));
});
afterEach(async () => {
  abort.abort();
  await client.close();
  await api.close();
});

function connect(commands: () => Promise<void> = async () => undefined) {
  const identity = createIdentity(channelAt(api.url), client, deps);
  return createConnect({ channel: { id: 'tg' }, client, identity, logger: deps.logger, commands, backoffMs: 1 });
}

const update = (id: number, text = `message ${id}`) => ({
  update_id: id,
  message: { message_id: id, date: 1, chat: { id: 7, type: 'private' }, from: { id: 7, first_name: 'A' }, text },
});
const texts = (events: InboundEvent[]) =>
  events.map((event) => {
    if (event.kind === 'message') return event.message.text;
    return event.kind === 'ignored' ? event.reason : event.kind;
  });
const offsets = () => api.sent('getUpdates').map((body) => body.offset);
/** Aborts when Telegram is asked for the last time, as the hub would on its way down. */
const stop: Answer = () => abort.abort();

describe('connect', () => {
  it('hands over batches in order and moves the offset only when they were taken', async () => {
    api.on('getUpdates', ok([update(10), update(11)]), ok([]), ok([update(12)]), stop);
    const taken: string[][] = [];
    const asked: number[] = [];
    await connect()(async (events) => {
      asked.push(api.sent('getUpdates').length);
      taken.push(texts(events));
    }, abort.signal);
    expect(taken).toEqual([['message 10', 'message 11'], ['message 12']]);
    expect(asked).toEqual([1, 3]);
    expect(offsets()).toEqual([undefined, 12, 12, 13]);
    expect(api.sent('getUpdates')[0]).toEqual({
      timeout: 30,
      limit: 100,
      allowed_updates: ['message', 'edited_message', 'my_chat_member'],
    });
  });

  it('takes the same batch again when the sink failed', async () => {
    api.on('getUpdates', ok([update(10)]), ok([update(10), update(11)]), stop);
    let tries = 0;
    const taken: string[][] = [];
    await connect()(async (events) => {
      if (++tries === 1) throw new Error('no Redis');
      taken.push(texts(events));
    }, abort.signal);
    expect(taken).toEqual([['message 10', 'message 11']]);
    expect(offsets()).toEqual([undefined, undefined, 12]);
  });

  it('removes a webhook first, and keeps what waits there', async () => {
    api.on('getWebhookInfo', ok({ url: 'https://old.example/hook', pending_update_count: 3 }));
    api.on('getUpdates', stop);
    await connect()(async () => undefined, abort.signal);
    expect(api.sent('deleteWebhook')).toEqual([{ drop_pending_updates: false }]);
  });

  it('leaves the webhook alone where there is none', async () => {
    api.on('getUpdates', stop);
    await connect()(async () => undefined, abort.signal);
    expect(api.sent('deleteWebhook')).toEqual([]);
  });

  it('ends the running poll at once', async () => {
    let asked: () => void = () => undefined;
    const polling = new Promise<void>((resolve) => {
      asked = resolve;
    });
    api.on('getUpdates', (response) => {
      asked();
      silence(response);
    });
    const done = connect()(async () => undefined, abort.signal);
    await polling;
    abort.abort();
    await done;
    expect(api.sent('getUpdates')).toHaveLength(1);
  });

  it('does nothing where it is told to stop before it starts', async () => {
    abort.abort();
    await connect()(async () => undefined, abort.signal);
    expect(api.calls).toEqual([]);
  });

  it('waits for another poller to end', async () => {
    const busy = refuse(409, 'Conflict: terminated by other getUpdates request');
    api.on('getUpdates', busy, busy, ok([update(10)]), stop);
    const taken: string[] = [];
    await connect()(async (events) => void taken.push(...texts(events)), abort.signal);
    expect(taken).toEqual(['message 10']);
  });

  it('gives up on another poller that stays, and says what it is', async () => {
    api.on('getUpdates', refuse(409, 'Conflict: terminated by other getUpdates request'));
    await expect(connect()(async () => undefined, abort.signal)).rejects.toMatchObject({
      code: 'platform_rejected',
      message: expect.stringContaining('same bot token'),
    });
  });

  it('removes a webhook that somebody sets meanwhile', async () => {
    const none = ok({ url: '', pending_update_count: 0 });
    api.on('getWebhookInfo', none, ok({ url: 'https://x.example', pending_update_count: 0 }), none);
    api.on('getUpdates', refuse(409, "Conflict: can't use getUpdates method while webhook is active"), stop);
    await connect()(async () => undefined, abort.signal);
    expect(api.sent('deleteWebhook')).toHaveLength(1);
  });

  it.each([401, 404])('rejects a token that is refused with %i', async (code) => {
    api.on('getUpdates', refuse(code, 'Unauthorized'));
    await expect(connect()(async () => undefined, abort.signal)).rejects.toMatchObject({
      code: 'platform_unauthorized',
    });
  });

  it('goes on after failures of the network, and never logs the token', async () => {
    api.on('getUpdates', (response) => response.socket?.destroy(), refuse(502, 'Bad Gateway'), ok([update(10)]), stop);
    const taken: string[] = [];
    await connect()(async (events) => void taken.push(...texts(events)), abort.signal);
    expect(taken).toEqual(['message 10']);
    expect(deps.logged.length).toBeGreaterThanOrEqual(2);
    expect(deps.logged.join()).not.toContain(TOKEN);
  });

  it('lets an update go that nobody can read, instead of meeting it for ever', async () => {
    api.on('getUpdates', ok([{ update_id: 10, message: 'what?' }, update(11)]), stop);
    const taken: string[] = [];
    await connect()(async (events) => void taken.push(...texts(events)), abort.signal);
    expect(taken).toEqual(['unsupported_event', 'message 11']);
    expect(offsets()).toEqual([undefined, 12]);
  });

  it('polls even when the commands cannot be set', async () => {
    api.on('getUpdates', ok([update(10)]), stop);
    const taken: string[] = [];
    await connect(() => Promise.reject(new Error('no')))(
      async (events) => void taken.push(...texts(events)),
      abort.signal,
    );
    expect(taken).toEqual(['message 10']);
  });
});
