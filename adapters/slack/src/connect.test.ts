import type { Adapter, InboundEvent } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAdapter } from './index.ts';
import { type FakeApi, ok, refuse, startApi, status } from './testkit/api.ts';
import { fixture, makeChannel, makeDeps, onlyMessage } from './testkit/index.ts';
import { acceptSockets, type FakeSocket } from './testkit/socket.ts';

const OPEN = '/api/apps.connections.open';
let api: FakeApi;
let adapter: Adapter;
let deps: ReturnType<typeof makeDeps>;
let sockets: FakeSocket[];
let stop: AbortController;
let taken: InboundEvent[];

beforeEach(async () => {
  api = await startApi();
  sockets = [];
  taken = [];
  stop = new AbortController();
  acceptSockets(api.server, (socket) => {
    sockets.push(socket);
    socket.send({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0KRD7HC3' } });
  });
  api.on(OPEN, ok({ url: `${api.url.replace('http', 'ws')}/link?ticket=secret` }));
  deps = makeDeps();
  adapter = createAdapter(
    makeChannel({
      transport: 'socket',
      api_base_url: api.url,
      credentials: { bot_token: 'xoxb-test', app_token: 'xapp-test' },
    }),
    deps,
  );
});
afterEach(async () => {
  stop.abort();
  await adapter.close();
  await api.close();
});

const sink = async (events: InboundEvent[]) => void taken.push(...events);
const run = (taker = sink): Promise<void> =>
  adapter.connect?.(taker, stop.signal) ?? Promise.reject(new Error('no connect'));
const socketAt = (index: number) => vi.waitUntil(() => sockets[index], { timeout: 20_000, interval: 5 });
const envelope = (type: string, id: string, payload: unknown) => ({
  type,
  envelope_id: id,
  payload,
  accepts_response_payload: type !== 'events_api',
});

describe('connect', () => {
  test('takes events, slash commands and interactions, acknowledges them, and ends by its signal', async () => {
    const running = run();
    const socket = await socketAt(0);
    expect(api.calls[0]?.headers.authorization).toBe('Bearer xapp-test');
    socket.send(envelope('events_api', 'e1', fixture('event_app_mention')));
    socket.send(envelope('slash_commands', 'e2', fixture('command_ask')));
    socket.send(envelope('interactive', 'e3', fixture('interaction_block_actions')));
    await vi.waitUntil(() => socket.received.length === 3);
    expect(socket.received.map((ack) => ack.envelope_id).sort()).toEqual(['e1', 'e2', 'e3']);
    expect(
      taken.map((event) => {
        if (event.kind === 'message') return event.message.command?.name ?? 'text';
        return event.kind === 'ignored' ? event.reason : event.kind;
      }),
    ).toEqual(expect.arrayContaining(['text', '/ai', 'unsupported_event']));
    stop.abort();
    await running;
    // Bolt would like to ask Slack who the token belongs to.
    expect(api.calls.map(({ path }) => path)).toEqual([OPEN]);
  });

  test('acknowledges only when the sink is done, and not when it fails', async () => {
    const gate = Promise.withResolvers<void>();
    const running = run(async (events) => {
      const { message } = onlyMessage(events);
      if (message.chat.kind === 'direct') throw new Error('Redis is away');
      await gate.promise;
      taken.push(...events);
    });
    const socket = await socketAt(0);
    socket.send(envelope('events_api', 'failing', fixture('event_message_im')));
    socket.send(envelope('events_api', 'slow', fixture('event_app_mention')));
    socket.send({ type: 'events_api', envelope_id: 'broken', payload: {} });
    socket.send(envelope('events_api', 'unreadable', { event: { type: 'message' } }));
    // What can never be read is acknowledged at once: everything before it has been looked at by then.
    await vi.waitUntil(() => socket.received.length > 0);
    expect(socket.received.map((ack) => ack.envelope_id)).toEqual(['unreadable']);
    gate.resolve();
    await vi.waitUntil(() => socket.received.length > 1);
    expect(socket.received.map((ack) => ack.envelope_id)).toEqual(['unreadable', 'slow']);
    expect(taken).toHaveLength(1);
    stop.abort();
    await running;
  });

  test.each([
    ['a slash command', 'slash_commands', 'command_ask'],
    ['an interaction', 'interactive', 'interaction_block_actions'],
    ['an event', 'events_api', 'event_app_mention'],
  ])('leaves %s to Slack while the sink fails', async (_name, type, name) => {
    let calls = 0;
    const running = run(async (events) => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      taken.push(...events);
    });
    const socket = await socketAt(0);
    socket.send(envelope(type, 'first', fixture(name)));
    await vi.waitUntil(() => calls === 1);
    socket.send(envelope(type, 'again', fixture(name)));
    await vi.waitUntil(() => socket.received.length > 0);
    expect(socket.received.map((ack) => ack.envelope_id)).toEqual(['again']);
    expect(taken).toHaveLength(1);
    stop.abort();
    await running;
  });

  test('acknowledges what it will never understand, and quotes none of it', async () => {
    const running = run();
    const socket = await socketAt(0);
    socket.send(envelope('interactive', 'unknown', { type: 'of tomorrow' }));
    // Bolt itself fails over these two.
    socket.send(envelope('interactive', 'no view', { type: 'view_submission' }));
    socket.send(envelope('events_api', 'no object', { event: { type: 'message', item: 'a secret' } }));
    socket.send(envelope('slash_commands', 'no fields', { command: '/ai' }));
    await vi.waitUntil(() => socket.received.length === 4);
    expect(taken).toEqual([]);
    expect(deps.lines.filter((line) => line.includes('was not taken'))).toHaveLength(4);
    expect(deps.lines.join()).not.toContain('secret');
    stop.abort();
    await running;
  });

  test('opens the next connection when Slack renews it', async () => {
    const running = run();
    (await socketAt(0)).send({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'applink-1' } });
    const second = await socketAt(1);
    second.send(envelope('events_api', 'e1', fixture('event_app_mention')));
    await vi.waitUntil(() => second.received.length === 1);
    stop.abort();
    await running;
  });

  test('gives up on a connection that never lasts', async () => {
    api.server.removeAllListeners('upgrade');
    acceptSockets(api.server, (socket) => {
      socket.send({ type: 'hello' });
      socket.close();
    });
    await expect(run()).rejects.toMatchObject({ code: 'platform_unavailable' });
  });

  test.each([
    ['a refused token', refuse('invalid_auth'), 'platform_unauthorized'],
    ['throttling', status(429, { 'retry-after': '5' }), 'platform_rate_limited'],
    ['an outage', status(503), 'platform_unavailable'],
    ['a socket that is not there', ok({ url: 'ws://127.0.0.1:1/' }), 'platform_unavailable'],
  ])('rejects on %s', async (_name, answer, code) => {
    api.on(OPEN, answer);
    await expect(run()).rejects.toMatchObject({ code });
  });

  test('ends by its signal while it is still opening', async () => {
    api.on(OPEN, () => stop.abort());
    await run();
    expect(sockets).toEqual([]);
  });

  test('finishes what is in hand before it ends', async () => {
    const running = run(async (events) => {
      stop.abort();
      await sink(events);
    });
    const socket = await socketAt(0);
    socket.send(envelope('events_api', 'e1', fixture('event_app_mention')));
    await running;
    expect(taken).toHaveLength(1);
    expect(socket.received.map((ack) => ack.envelope_id)).toEqual(['e1']);
  });

  test('needs an app token', async () => {
    const bare = createAdapter(makeChannel({ transport: 'socket' }), makeDeps());
    await expect(bare.connect?.(sink, stop.signal)).rejects.toMatchObject({ code: 'invalid_config' });
    await bare.close();
  });
});
