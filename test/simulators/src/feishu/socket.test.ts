import { EventDispatcher, WSClient } from '@larksuiteoapi/node-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FeishuSimulator, type FeishuSimulatorOptions, startFeishuSimulator } from './index.ts';
import { eventually, silentLogger } from './testing.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(options: FeishuSimulatorOptions = {}): Promise<FeishuSimulator> {
  const simulator = await startFeishuSimulator(options);
  cleanups.push(simulator.close);
  return simulator;
}

/** Connects the official long-connection client; every message's text is handed to `onText`. */
async function connect(simulator: FeishuSimulator, onText: (text: string) => void, appSecret?: string): Promise<void> {
  const opened = Promise.withResolvers<void>();
  const client = new WSClient({
    appId: simulator.appId,
    appSecret: appSecret ?? simulator.credentials.app_secret ?? '',
    domain: simulator.url,
    logger: silentLogger,
    onReady: opened.resolve,
    onError: opened.reject,
  });
  cleanups.push(() => client.close({ force: true }));
  const eventDispatcher = new EventDispatcher({ logger: silentLogger }).register({
    'im.message.receive_v1': ({ message }) => onText(JSON.parse(message.content).text),
  });
  void client.start({ eventDispatcher });
  await opened.promise;
}

describe('long connection', () => {
  it('brings events, the kept ones first, and takes the acknowledgement', async () => {
    const simulator = await setUp();
    await simulator.say({ chat: 'c1', text: 'before' });
    const texts: string[] = [];
    await connect(simulator, (text) => texts.push(text));
    await eventually(() => expect(texts).toEqual(['before']));
    await simulator.say({ chat: 'c1', text: 'after' });
    await eventually(() => expect(simulator.deliveries.map(({ status }) => status)).toEqual([200, 200]));
    expect(texts).toEqual(['before', 'after']);
    expect(simulator.pendingEvents()).toBe(0);
  });

  it('redelivers what the handler failed on', async () => {
    const simulator = await setUp({ speedup: 1e6 });
    let calls = 0;
    await connect(simulator, () => {
      calls += 1;
      if (calls < 3) throw new Error('not now');
    });
    await simulator.say({ chat: 'c1', text: 'hello' });
    await eventually(() => expect(simulator.pendingEvents()).toBe(0));
    expect(simulator.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 500],
      [3, 200],
    ]);
  });

  it('sends a long event in several frames', async () => {
    const simulator = await setUp({ fragmentBytes: 100 });
    const long = '很长的话 '.repeat(200);
    const text = new Promise<string>((resolve) => void connect(simulator, resolve));
    await simulator.say({ chat: 'c1', text: long });
    expect(await text).toBe(long);
  });

  it('comes back after a break', async () => {
    const simulator = await setUp({ clientConfig: { ReconnectNonce: 0, ReconnectInterval: 1 } });
    const texts: string[] = [];
    await connect(simulator, (text) => texts.push(text));
    simulator.dropSockets();
    const asked = () => simulator.calls.filter(({ method }) => method === 'callback.ws.endpoint');
    await eventually(() => expect(asked()).toHaveLength(2));
    await eventually(() => expect(simulator.socketCount()).toBe(1));
    await simulator.say({ chat: 'c1', text: 'again' });
    await eventually(() => expect(texts).toEqual(['again']));
  });

  it('gives each event to one of several connections', async () => {
    const simulator = await setUp();
    const texts: string[] = [];
    for (let count = 0; count < 3; count += 1) await connect(simulator, (text) => texts.push(text));
    for (let count = 0; count < 10; count += 1) await simulator.say({ chat: 'c1', text: String(count) });
    await eventually(() => expect(simulator.deliveries).toHaveLength(10));
    expect(texts.sort()).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
  });

  it('refuses wrong credentials for good', async () => {
    const simulator = await setUp();
    await expect(connect(simulator, () => undefined, 'wrong')).rejects.toThrow('app_id or app_secret is invalid');
  });
});

describe('connect URLs', () => {
  async function connectUrl(simulator: FeishuSimulator): Promise<string> {
    const { app_id: AppID, app_secret: AppSecret } = simulator.credentials;
    const body = JSON.stringify({ AppID, AppSecret });
    const response = await fetch(`${simulator.url}/callback/ws/endpoint`, { method: 'POST', body });
    const answer = (await response.json()) as { data: { URL: string } };
    return answer.data.URL;
  }

  const handshake = (url: string) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(url);
      cleanups.push(() => socket.terminate());
      socket.on('error', () => undefined);
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    });

  it('are good for one connection', async () => {
    const simulator = await setUp();
    const url = await connectUrl(simulator);
    expect(await handshake(url)).toBe(101);
    expect(await handshake(url)).toBe(403);
    expect(simulator.socketCount()).toBe(1);
  });

  it('run out at 50 connections', async () => {
    const simulator = await setUp();
    for (let count = 0; count < 50; count += 1) await handshake(await connectUrl(simulator));
    expect(await connectUrl(simulator)).toBeUndefined();
  });
});
