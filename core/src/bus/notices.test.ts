import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createOwnRefs, ownNotice } from './own-refs.ts';
import type { RedisClient } from './redis.ts';
import { listenForStops, type StopNotice } from './stops.ts';

function fakeSubscriber() {
  return Object.assign(new EventEmitter(), { subscribe: async () => 1, disconnect: () => {} });
}

const MALFORMED = ['', 'nonsense', 'null', '[]', '{}', '{"refs":7}', '{"conversation":"c","turn":"t","reason":"?"}'];

test('stops are heard, whatever else is said on their channel', () => {
  const subscriber = fakeSubscriber();
  const heard: StopNotice[] = [];
  listenForStops(subscriber as unknown as RedisClient, (notice) => heard.push(notice));
  const notice: StopNotice = { conversation: 'c', turn: 't', reason: 'command' };
  for (const text of [...MALFORMED, JSON.stringify(notice)]) subscriber.emit('message', 'channel', text);
  expect(heard).toEqual([notice]);
});

test('own messages are heard of, whatever else is said on their channel', async () => {
  const subscriber = fakeSubscriber();
  const redis = { zmscore: async (_key: string, ...refs: string[]) => refs.map(() => null) };
  const ownRefs = createOwnRefs(redis as unknown as RedisClient, subscriber as unknown as RedisClient);
  for (const text of [...MALFORMED, ownNotice('bot', 'chat', ['1'])]) subscriber.emit('message', 'channel', text);
  expect(await ownRefs.isOwn('bot', 'chat', ['1'])).toBe(true);
  expect(await ownRefs.isOwn('bot', 'chat', ['2'])).toBe(false);
});
