import { createChannelHealth } from '@parley/gateway';
import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.ts';

const { redis } = useRedis({ cluster: true });

const HOUR_MS = 3_600_000;

test('what two gateways note adds up, by channel, for a day', async () => {
  let now = 1_000 * HOUR_MS;
  const gateways = [1, 2].map(() => createChannelHealth(redis(), () => now));
  for (const gateway of gateways) {
    gateway.note('a', 'accepted', 'direct');
    gateway.note('a', 'accepted', 'mention');
    gateway.note('a', 'not_addressed', 'group');
    gateway.note('b', 'refused_unauthorized');
    await gateway.close();
  }
  const reader = createChannelHealth(redis(), () => now);
  expect(await reader.read('a')).toEqual({
    lastEventAt: now,
    lastMessageAt: now,
    lastSignatureFailureAt: undefined,
    outcomes: { accepted: 4, not_addressed: 2 },
    seen: expect.arrayContaining(['direct', 'mention', 'group']),
  });
  expect(await reader.read('b')).toMatchObject({
    lastEventAt: undefined,
    lastSignatureFailureAt: now,
    outcomes: { refused_unauthorized: 2 },
    seen: [],
  });
  now += 24 * HOUR_MS;
  expect((await reader.read('a')).outcomes).toEqual({});
  expect(await redis().pttl(`parley:{health}:a`)).toBeGreaterThan(89 * 24 * HOUR_MS);
  await reader.close();
});

test('many channels are written by few commands', async () => {
  const health = createChannelHealth(redis());
  await redis().config('RESETSTAT');
  for (let i = 0; i < 250; i++) health.note(`channel-${i}`, 'accepted', 'direct');
  await health.close();
  const scripts = [...(await redis().info('commandstats')).matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
  // One is sent twice: Redis does not know the script yet.
  expect(scripts.reduce((sum, [, calls]) => sum + Number(calls), 0)).toBeLessThanOrEqual(4);
  expect((await health.read('channel-249')).outcomes).toEqual({ accepted: 1 });
});
