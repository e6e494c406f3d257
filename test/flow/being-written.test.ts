import { connectRedis, keys } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, test } from 'vitest';
import { createWorld, startHub, type TestHub, type TestRedis, until, type World } from '../support/index.ts';
import { answered, createThinker } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { metric } from './helpers/metrics.ts';
import { startTcpRedis } from './helpers/tcp-redis.ts';

/** Feishu does not say whose message a reply is under: the hub has to know its own, also before they are complete. */
const cleanup = createCleanup();
let world: World;
let redis: TestRedis;
let hub: TestHub;

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: createThinker().reply } }));
  redis = cleanup.add(await startTcpRedis());
  hub = cleanup.add(await startHub({ config: world.config(), env: { REDIS_URL: redis.url } }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());

test('a reply to an answer that is still being written needs no mention, and waits for its end', async () => {
  const [chat, kind] = ['group', 'group'] as const;
  const client = connectRedis(redis.url, 'work', createLogger('silent'));
  cleanup.add({ stop: async () => client.disconnect() });
  world.openai.misbehave({ times: 1, action: { kind: 'stall', afterTokens: 3 } });
  await world.feishu.say({ chat, kind, text: 'begin', mentionBot: true });
  const preview = await answered(world.feishu, chat, 'answer to');
  const isKnown = async () => (await client.zscore(keys.ownRefs('feishu', preview.chat), preview.id)) !== null;
  await until('the message is known', isKnown);
  const accepted = () => metric(hub.url, 'parley_events_total', { platform: 'feishu', outcome: 'accepted' });
  const before = await accepted();
  await world.feishu.say({ chat, kind, text: 'go on', replyTo: preview.id });
  await until('the reply is taken', async () => (await accepted()) > before);
  await world.feishu.say({ chat, kind, text: '/stop', mentionBot: true });
  await answered(world.feishu, chat, '(stopped)');
  await answered(world.feishu, chat, 'answer to "go on"');
});
