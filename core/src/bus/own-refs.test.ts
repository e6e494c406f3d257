import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createOwnRefs, ownNotice } from './own-refs.ts';
import type { RedisClient } from './redis.ts';

test('a notice that overtakes the answer to an older question is not undone by it', async () => {
  const subscriber = Object.assign(new EventEmitter(), { subscribe: async () => 1 });
  const answer = Promise.withResolvers<(string | null)[]>();
  let asked = 0;
  const redis = {
    zmscore: () => {
      asked++;
      return answer.promise;
    },
  };
  const ownRefs = createOwnRefs(redis as unknown as RedisClient, subscriber as unknown as RedisClient);
  const isOwn = ownRefs.isOwn('slack', 'chat', ['thread']);
  subscriber.emit('message', 'parley:own-refs', ownNotice('slack', 'chat', ['thread']));
  answer.resolve([null]);
  expect(await isOwn).toBe(true);
  expect(await ownRefs.isOwn('slack', 'chat', ['thread'])).toBe(true);
  expect(asked).toBe(1);
});
