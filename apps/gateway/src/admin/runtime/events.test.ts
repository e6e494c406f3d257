import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { eventRoutes } from './events.ts';
import type { RuntimeParts } from './types.ts';

/** A reply whose caller is there or has left already. */
function replyTo({ hasLeft }: { hasLeft: boolean }) {
  const raw = Object.assign(new EventEmitter(), {
    destroyed: hasLeft,
    writeHead: () => {},
    write: () => true,
    end: () => {},
  });
  return { raw, hijack: () => {}, getHeaders: () => ({}) };
}

test('who leaves before the stream begins takes no place in it', async () => {
  let listeners = 0;
  const live = {
    listen() {
      listeners++;
      return () => void listeners--;
    },
  };
  const [route] = eventRoutes({ live } as unknown as RuntimeParts);
  const watch = async (reply: ReturnType<typeof replyTo>) => {
    await route?.handle({ actor: { id: 'ann' }, may: () => true, renew: async () => {}, reply } as never);
    return reply;
  };
  for (let i = 0; i < 100; i++) await watch(replyTo({ hasLeft: true }));
  expect(listeners).toBe(0);
  const watching = await Promise.all(Array.from({ length: 20 }, () => watch(replyTo({ hasLeft: false }))));
  await expect(watch(replyTo({ hasLeft: false }))).rejects.toMatchObject({ code: 'rate_limited' });
  for (const { raw } of watching) raw.emit('close');
  expect(listeners).toBe(0);
});
