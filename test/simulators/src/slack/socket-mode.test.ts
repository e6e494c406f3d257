import { once } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type SlackSimulator, startSlackSimulator } from './index.ts';

type Frame = { type: string; envelope_id: string; payload: { event: { text: string } } } & Record<string, unknown>;

let slack: SlackSimulator;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  slack = await startSlackSimulator({ speedup: 10_000, ackTimeoutMs: 50 });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await slack.close();
});

async function openUrl(token = slack.credentials.app_token): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${slack.url}/api/apps.connections.open`, { method: 'POST', headers });
  return (await response.json()) as Record<string, string>;
}

/** Connects and collects frames; `acks` says which of them (by number) are acknowledged. */
async function connect(acks: (frame: Frame, number: number) => unknown | false): Promise<Frame[]> {
  const frames: Frame[] = [];
  const socket = new WebSocket((await openUrl()).url ?? '');
  sockets.push(socket);
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    frames.push(frame);
    const payload = frame.envelope_id === undefined ? false : acks(frame, frames.length - 1);
    if (payload !== false)
      socket.send(JSON.stringify({ envelope_id: frame.envelope_id, ...(payload ? { payload } : {}) }));
  });
  await vi.waitFor(() => expect(frames[0]?.type).toBe('hello'));
  return frames;
}

test('needs the app token, and a ticket opens one connection only', async () => {
  expect(await openUrl(slack.credentials.bot_token)).toMatchObject({ error: 'not_allowed_token_type' });
  const { url = '' } = await openUrl();
  const first = new WebSocket(url);
  sockets.push(first);
  await once(first, 'open');
  const second = new WebSocket(url);
  sockets.push(second);
  const [error] = await once(second, 'error');
  expect(String(error)).toContain('401');
});

test('sends events in envelopes and again, with a number, until they are acknowledged', async () => {
  const frames = await connect((_, number) => number >= 3 && null);
  await slack.say({ chat: 'dm', text: 'hi' });
  await vi.waitFor(() => expect(slack.deliveries.at(-1)?.status).toBe(200));
  expect(frames.slice(1)).toMatchObject([
    { type: 'events_api', retry_attempt: 0, retry_reason: '', payload: { event: { text: 'hi' } } },
    { type: 'events_api', retry_attempt: 1, retry_reason: 'timeout' },
    { type: 'events_api', retry_attempt: 2, retry_reason: 'timeout' },
  ]);
});

test('a slash command is answered by the payload of its acknowledgement', async () => {
  await connect(({ type }) => (type === 'slash_commands' ? { text: 'On it' } : null));
  await slack.slash({ chat: 'dm', command: '/ai', text: 'hi' });
  await slack.waitFor('dm', ({ text, author }) => text === 'On it' && author === 'bot');
});

test('announces a disconnect; what nobody took then waits for the next connection', async () => {
  const frames = await connect(() => null);
  const gone = once(sockets[0] as WebSocket, 'close');
  slack.disconnectSockets();
  await gone;
  expect(frames.at(-1)).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' });
  await vi.waitFor(() => expect(slack.socketCount()).toBe(0));
  await slack.say({ chat: 'dm', text: 'still there?' });
  const next = await connect(() => null);
  await vi.waitFor(() => expect(next.map((frame) => frame.payload?.event?.text)).toContain('still there?'));
});
