import { createRequire } from 'node:module';
import type { EventSink, InboundEvent } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdapter } from './index.ts';
import { type FakeFeishu, fixture, json, makeChannel, makeDeps, startFeishu } from './testing.ts';

// The server's side is spoken with the SDK's own copies of ws and protobufjs.
const sdkRequire = createRequire(createRequire(import.meta.url).resolve('@larksuiteoapi/node-sdk'));
const { WebSocketServer } = sdkRequire('ws') as { WebSocketServer: new (options: object) => SocketServer };
const protobuf = sdkRequire('protobufjs') as { parse(source: string): { root: { lookupType(name: string): Codec } } };

interface Socket {
  on(event: 'message', listener: (data: Uint8Array) => void): void;
  send(data: Uint8Array): void;
  terminate(): void;
}
interface SocketServer {
  clients: Set<Socket>;
  address(): { port: number };
  on(event: 'listening', listener: () => void): void;
  on(event: 'connection', listener: (socket: Socket) => void): void;
  close(done: () => void): void;
}
interface Frame {
  method: number;
  headers: { key: string; value: string }[];
  payload?: Uint8Array;
}
interface Codec {
  encode(frame: object): { finish(): Uint8Array };
  decode(data: Uint8Array): Frame;
}

const frameCodec = protobuf
  .parse(`syntax = "proto2"; package p;
    message Header { required string key = 1; required string value = 2; }
    message Frame { required uint64 SeqID = 1; required uint64 LogID = 2; required int32 service = 3;
      required int32 method = 4; repeated Header headers = 5; optional bytes payload = 8; }`)
  .root.lookupType('p.Frame');

let feishu: FakeFeishu;
let sockets: SocketServer;
const answers: { messageId: string | undefined; code: number }[] = [];
let waiting: (() => void)[] = [];
/** The SDK pings as soon as it listens; what comes earlier is lost on it. */
let pinged = false;

beforeEach(async () => {
  feishu = await startFeishu();
  answers.length = 0;
  pinged = false;
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { method, headers, payload } = frameCodec.decode(data);
      if (method === 0) pinged = true;
      if (method === 1) {
        const { code } = JSON.parse(Buffer.from(payload ?? []).toString()) as { code: number };
        answers.push({ messageId: headers.find(({ key }) => key === 'message_id')?.value, code });
      }
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => sockets.on('listening', resolve));
  feishu.route((call, response) =>
    call.path === '/callback/ws/endpoint'
      ? json(response, 200, {
          code: 0,
          data: {
            URL: `ws://127.0.0.1:${sockets.address().port}/ws?device_id=d1&service_id=1`,
            ClientConfig: { PingInterval: 120, ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30 },
          },
        })
      : false,
  );
});
afterEach(async () => {
  waiting = [];
  for (const socket of sockets.clients) socket.terminate();
  await new Promise<void>((resolve) => sockets.close(resolve));
  await feishu.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
}

function push(name: string): void {
  const payload = Buffer.from(JSON.stringify(fixture(name)));
  const headers = Object.entries({ type: 'event', message_id: name, sum: '1', seq: '0', trace_id: 't' });
  const frame = {
    SeqID: 1,
    LogID: 1,
    service: 1,
    method: 1,
    payload,
    headers: headers.map(([key, value]) => ({ key, value })),
  };
  for (const socket of sockets.clients) socket.send(frameCodec.encode(frame).finish());
}

async function connected(sink: EventSink): Promise<{ done: Promise<void>; abort: () => void }> {
  const adapter = createAdapter(makeChannel({ api_base_url: feishu.url, transport: 'socket' }), makeDeps());
  const controller = new AbortController();
  const done = (adapter.connect?.(sink, controller.signal) ?? Promise.reject(new Error('no connect'))).finally(() =>
    adapter.close(),
  );
  done.catch(() => undefined);
  await until(() => pinged);
  return { done, abort: () => controller.abort() };
}

describe('connect', () => {
  it('answers an event only after the sink has it, and ends when asked to', async () => {
    const taken: InboundEvent[] = [];
    const durable = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const { done, abort } = await connected(async (events) => {
      taken.push(...events);
      entered.resolve();
      await durable.promise;
    });
    push('text_direct');
    await entered.promise;
    expect(taken).toMatchObject([{ kind: 'message', message: { text: 'What is the capital of France?' } }]);
    expect(answers).toEqual([]);
    durable.resolve();
    await until(() => answers.length === 1);
    expect(answers).toEqual([{ messageId: 'text_direct', code: 200 }]);
    abort();
    await done;
  });

  it('answers 500 when the sink fails, and goes on', async () => {
    let failing = true;
    const { done, abort } = await connected(async () => {
      if (failing) throw new Error('redis is away');
    });
    push('text_direct');
    await until(() => answers.length === 1);
    failing = false;
    push('text_group_plain');
    await until(() => answers.length === 2);
    expect(answers.map(({ code }) => code)).toEqual([500, 200]);
    abort();
    await done;
  });

  it('lets an event under way be answered before it ends', async () => {
    const entered = Promise.withResolvers<void>();
    const durable = Promise.withResolvers<void>();
    const { done, abort } = await connected(async () => {
      entered.resolve();
      await durable.promise;
    });
    push('text_direct');
    await entered.promise;
    abort();
    durable.resolve();
    await done;
    await until(() => answers.length === 1);
    expect(answers).toEqual([{ messageId: 'text_direct', code: 200 }]);
  });

  it('answers what the sink took in the very moment of the end', async () => {
    let stop = (): void => undefined;
    const { done, abort } = await connected(async () => stop());
    stop = abort;
    push('text_direct');
    await done;
    await until(() => answers.length === 1);
    expect(answers).toEqual([{ messageId: 'text_direct', code: 200 }]);
  });

  it('rejects when the connection is lost', async () => {
    const { done } = await connected(async () => undefined);
    for (const socket of sockets.clients) socket.terminate();
    await expect(done).rejects.toMatchObject({ code: 'platform_unavailable' });
  });

  it.each([
    [{ code: 514, msg: 'auth failed', data: null }, 'platform_unauthorized'],
    [{ code: 10014, msg: 'app secret invalid' }, 'platform_unauthorized'],
  ])('rejects when Feishu gives no address: %j', async (body, code) => {
    feishu.route((call, response) => (call.path === '/callback/ws/endpoint' ? json(response, 200, body) : false));
    const adapter = createAdapter(makeChannel({ api_base_url: feishu.url }), makeDeps());
    const connecting = adapter.connect?.(async () => undefined, new AbortController().signal);
    await expect(connecting).rejects.toMatchObject({ code });
    await adapter.close();
  });

  it('rejects an app id the SDK would only complain about', async () => {
    const adapter = createAdapter(makeChannel({ api_base_url: feishu.url }, { app_id: 'cli_short' }), makeDeps());
    const connecting = adapter.connect?.(async () => undefined, new AbortController().signal);
    await expect(connecting).rejects.toMatchObject({ code: 'platform_unauthorized' });
    expect(feishu.calls).toEqual([]);
    await adapter.close();
  });

  it('does not begin when it is already over', async () => {
    const adapter = createAdapter(makeChannel({ api_base_url: feishu.url }), makeDeps());
    await adapter.connect?.(async () => undefined, AbortSignal.abort());
    expect(feishu.calls).toEqual([]);
    await adapter.close();
  });
});
