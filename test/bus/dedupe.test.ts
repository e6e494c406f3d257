import { createPublisher } from '@parley/core/bus';
import type { Platform } from '@parley/core/message';
import { expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { useBus } from './helpers/bus.ts';

const bus = useBus();
const HOUR_MS = 3_600_000;

const publish = (platform: Platform, names: string[]) =>
  createPublisher({ redis: bus.redis(), queue: bus.queue, maxMailbox: 100_000 }).publish(
    { ...anEnvelope(), platform },
    names,
  );

test.each([
  ['slack', 1],
  ['feishu', 8],
  ['telegram', 24],
] as const)('%s events are remembered for longer than %i h, and not for ever', async (platform, hours) => {
  await publish(platform, ['e1', 'e2']);
  await publish(platform, ['e2', 'e3']);
  const names = await bus.redis().keys('*:seen:*');
  expect(names).toHaveLength(3);
  for (const name of names) {
    const ttlMs = await bus.redis().pttl(name);
    expect(ttlMs).toBeGreaterThan(hours * HOUR_MS);
    expect(ttlMs).toBeLessThan(2 * hours * HOUR_MS + HOUR_MS);
  }
});

test('one remembered event costs what is said in dedupe.ts', async () => {
  const count = 2000;
  const names = Array.from({ length: count }, (_, i) => `an event id of the usual length ${i}`);
  await publish('telegram', ['first']);
  const used = async () => Number(/used_memory:(\d+)/.exec(await bus.redis().info('memory'))?.[1]);
  const before = await used();
  for (let i = 0; i < count; i += 500) await publish('telegram', names.slice(i, i + 500));
  const perEvent = ((await used()) - before) / count;
  const [key = ''] = await bus.redis().keys('*:seen:*');
  const own = await bus.redis().memory('USAGE', key);
  expect(own).toBeLessThanOrEqual(144);
  // With what the waiting messages of this test take themselves.
  expect(perEvent).toBeLessThanOrEqual(240);
});
