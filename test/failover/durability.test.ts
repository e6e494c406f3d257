import { connectRedis, createPublisher, createReplicaBarrier, createTurnStore, type Envelope } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/index.ts';
import { anEnvelope } from '../support/messages.ts';
import { type Replicated, startReplicated } from './support/sentinel.ts';
import { redisCommand } from './support/servers.ts';

/** What a lost master takes with it: just what the replicas had not got yet, unless somebody waits for them. */
const logger = createLogger('silent');
const queue = { wake: async () => {}, close: async () => {} };
const MESSAGES = 20;
let redis: Replicated;

beforeEach(async () => {
  redis = await startReplicated();
});
afterEach(() => redis.stop());

const connect = ({ port }: { port: number }) => connectRedis(`redis://127.0.0.1:${port}`, 'publish', logger);

/** The replicas stay alive and hear nothing any more, as when the network between the machines is cut. */
async function cutReplication(): Promise<void> {
  for (const { port } of redis.replicas) await redisCommand(port, 'REPLICAOF', '127.0.0.1', '1');
  await until('no replica', async () =>
    /connected_slaves:0/.test(String(await redisCommand(redis.master.port, 'INFO', 'replication'))),
  );
}

/** Publishes with or without waiting; the envelopes that were acknowledged. */
async function publishAll(label: string, replicas: number, waitMs?: number): Promise<Envelope[]> {
  const client = connect(redis.master);
  const waiting = connect(redis.master);
  await until('connections', () => client.status === 'ready' && waiting.status === 'ready');
  const replicated =
    replicas > 0 ? createReplicaBarrier({ redis: waiting, replicas, ...(waitMs && { waitMs }) }) : undefined;
  const publisher = createPublisher({ redis: client, queue, maxMailbox: 100, replicated });
  const envelopes = Array.from({ length: MESSAGES }, (_, i) =>
    anEnvelope({ chat: { id: `${label}-${i}`, kind: 'direct' } }),
  );
  const outcomes = await Promise.allSettled(envelopes.map((one) => publisher.publish(one, [one.message.id])));
  client.disconnect();
  waiting.disconnect();
  return envelopes.filter((_, i) => outcomes[i]?.status === 'fulfilled');
}

/** The replica that heard most of the master, whom sentinels choose: one replica had all that was waited for, not each. */
async function furthest(): Promise<(typeof redis.replicas)[number]> {
  const heard = await Promise.all(
    redis.replicas.map(async (replica) => {
      const info = String(await redisCommand(replica.port, 'INFO', 'replication'));
      return { replica, offset: Number(/slave_repl_offset:(\d+)/.exec(info)?.[1]) };
    }),
  );
  const [first] = heard.sort((a, b) => b.offset - a.offset);
  if (!first) throw new Error('no replica');
  return first.replica;
}

/** Kills the master and lets a replica take over; which of these messages wait there. */
async function survivorsOf(envelopes: Envelope[]): Promise<Envelope[]> {
  await redis.master.kill();
  const heir = await furthest();
  await redisCommand(heir.port, 'REPLICAOF', 'NO', 'ONE');
  const client = connect(heir);
  await until('a connection', () => client.status === 'ready');
  const turns = createTurnStore(client);
  const claims = await Promise.all(envelopes.map(({ conversation }) => turns.claim(conversation, 'w')));
  client.disconnect();
  return envelopes.filter((_, i) => claims[i]?.status === 'head');
}

test('while replicas follow, both ways keep all that was acknowledged', async () => {
  const acknowledged = [...(await publishAll('plain', 0)), ...(await publishAll('waited', 1))];
  expect(acknowledged).toHaveLength(2 * MESSAGES);
  // Only the second half has been waited for; but the replicas need no longer than the kill.
  const waited = acknowledged.slice(MESSAGES);
  expect(await survivorsOf(waited)).toEqual(waited);
});

test('a master that nobody follows: without waiting all is acknowledged and lost with it', async () => {
  await cutReplication();
  const acknowledged = await publishAll('plain', 0);
  expect(acknowledged).toHaveLength(MESSAGES);
  expect(await survivorsOf(acknowledged)).toEqual([]);
});

test('a master that nobody follows: whoever waits acknowledges nothing, and so loses nothing', async () => {
  await cutReplication();
  expect(await publishAll('waited', 1, 50)).toEqual([]);
});

test('a delivery that comes again is acknowledged only when a replica has it', async () => {
  await cutReplication();
  const envelope = anEnvelope();
  const client = connect(redis.master);
  const [waiting, again] = [connect(redis.master), connect(redis.master)];
  await until('connections', () => [client, waiting, again].every(({ status }) => status === 'ready'));
  const publish = (barrier: typeof waiting) => {
    const replicated = createReplicaBarrier({ redis: barrier, replicas: 1, waitMs: 200 });
    return createPublisher({ redis: client, queue, maxMailbox: 100, replicated }).publish(envelope, ['event-1']);
  };
  await expect(publish(waiting)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(publish(again)).rejects.toMatchObject({ code: 'unavailable' });
  const [first] = redis.replicas as [(typeof redis.replicas)[number]];
  await redisCommand(first.port, 'REPLICAOF', '127.0.0.1', redis.master.port);
  await until('a replica again', async () =>
    /state=online/.test(String(await redisCommand(redis.master.port, 'INFO', 'replication'))),
  );
  await until('an acknowledgement', () =>
    publish(again).then(
      ({ outcome }) => outcome === 'duplicate',
      () => false,
    ),
  );
  for (const one of [client, waiting, again]) one.disconnect();
  expect(await survivorsOf([envelope])).toEqual([envelope]);
});
