import { connectRedis, createPublisher, createReplicaBarrier } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { until } from '../support/index.ts';
import { anEnvelope } from '../support/messages.ts';
import { startReplicated } from './support/sentinel.ts';

/**
 * `node test/failover/wait-cost.ts`: what it costs to wait for replicas before a message is acknowledged, on this machine,
 * with a master and two replicas on loopback. The figures of docs/operations/high-availability.md.
 */
const MESSAGES = 4_000;
const AT_A_TIME = [1, 64];

const redis = await startReplicated();
const logger = createLogger('silent');
const connect = () => connectRedis(`redis://127.0.0.1:${redis.master.port}`, 'publish', logger);
const [client, waiting] = [connect(), connect()];
await until('connections', () => client.status === 'ready' && waiting.status === 'ready');
const queue = { wake: async () => {}, close: async () => {} };

/** Milliseconds of each publish, ascending, and how many there were in a second. */
async function measure(replicas: number, atATime: number) {
  const replicated = replicas > 0 ? createReplicaBarrier({ redis: waiting, replicas }) : undefined;
  const publisher = createPublisher({ redis: client, queue, maxMailbox: 100, replicated });
  const times: number[] = [];
  let left = MESSAGES;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (left-- > 0) {
        const envelope = anEnvelope({ chat: { id: `chat-${left}`, kind: 'direct' } });
        const from = performance.now();
        await publisher.publish(envelope, [`${replicas}-${atATime}-${left}`]);
        times.push(performance.now() - from);
      }
    }),
  );
  const perSecond = times.length / ((performance.now() - began) / 1000);
  return { times: times.sort((a, b) => a - b), perSecond };
}

try {
  await measure(1, 64); // warm
  for (const atATime of AT_A_TIME) {
    for (const replicas of [0, 1, 2]) {
      const { times, perSecond } = await measure(replicas, atATime);
      const at = (share: number) => (times[Math.floor(times.length * share)] as number).toFixed(2);
      const line = `wait for ${replicas}, ${atATime} at a time: median ${at(0.5)} ms, P99 ${at(0.99)} ms, ${perSecond.toFixed(0)}/s`;
      process.stdout.write(`${line}\n`);
    }
  }
} finally {
  client.disconnect();
  waiting.disconnect();
  await redis.stop();
}
