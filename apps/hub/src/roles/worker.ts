import {
  connectRedis,
  createArchiveDrain,
  createBacklogGauge,
  createDeadLetters,
  createGovernor,
  createLeases,
  createQueueAge,
  createSweeper,
  createTurnStore,
} from '@parley/core/bus';
import { createConsumer, createMaintenance, createTurnRunner, type LimitsOf } from '@parley/workers';
import { type Asking, createAsking } from './asking.ts';
import { watchBacklog } from './backlog.ts';
import type { HubCore } from './core.ts';
import { watchDeadLetters } from './dead-letters.ts';
import { createHistoryRecall } from './history.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createHubNotices } from './notices.ts';
import type { RunningRole } from './running.ts';

const BACKLOG_EVERY_MS = 1000;
/** Shorter than a conversation's lock: of a process that died, the sweep is taken over before its conversations are. */
const UPKEEP_LEASE_MS = 3_000;

/** Everything that answers: the consumer of wake jobs, and the housekeeping that one worker does for all. */
export async function startWorker(core: HubCore): Promise<RunningRole> {
  const { settings, logger, metrics, store, redisUrl, publishRedis, queue } = core;
  const redis = connectRedis(redisUrl, 'work', logger);
  const blockingRedis = connectRedis(redisUrl, 'work', logger);
  // A connection is answered in order: what nobody waits for must not stand before an answer.
  const housekeepingRedis = connectRedis(redisUrl, 'work', logger);
  const turns = createTurnStore(redis);
  const notices = createHubNotices(core, redis);
  const asking = createAsking({ core, redis, notices });
  const config = { channels: core.channels, ask: asking.ask, limitsOf: limitsOf(core, asking), mask: asking.mask };
  const runner = createTurnRunner({
    turns,
    governor: createGovernor(redis),
    config: () => config,
    metrics,
    logger,
    pseudonym: core.pseudonym,
    recallHistory: createHistoryRecall(redis, store, core.sealer, logger),
    tracing: core.tracing,
  });
  const maintenance = createMaintenance({
    leases: createLeases({ redis: housekeepingRedis, owner: core.processId, logger, leaseMs: UPKEEP_LEASE_MS }),
    sweep: createSweeper(housekeepingRedis, queue),
    drainArchive: createArchiveDrain(housekeepingRedis),
    ...createHousekeeping({ core, asking: createAsking({ core, redis: housekeepingRedis, notices }), notices }),
    logger,
  });
  const { workerConcurrency: concurrency } = settings;
  const consumer = createConsumer({
    redis: blockingRedis,
    subscriber: connectRedis(redisUrl, 'work', logger),
    turns,
    queue,
    runner,
    concurrency,
    metrics,
    logger,
  });
  const takeNoMore = core.handOff.serve(consumer.take);

  // What is asked at a beat must fail while Redis is away: on the other connections it would wait, and pile up.
  const backlog = createBacklogGauge(publishRedis);
  const unwatchBacklog = watchBacklog(backlog, createQueueAge(publishRedis), metrics, BACKLOG_EVERY_MS);

  const { maxMailbox } = settings;
  const unwatchDeadLetters = watchDeadLetters(createDeadLetters({ redis: publishRedis, queue, maxMailbox }), metrics);

  return {
    async drain(deadlineMs) {
      takeNoMore();
      unwatchBacklog();
      unwatchDeadLetters();
      await consumer.drain(deadlineMs);
      await maintenance.close();
      redis.disconnect();
      housekeepingRedis.disconnect();
      blockingRedis.disconnect();
    },
  };
}

/** What is left to the person who asked `/quota`. */
function limitsOf({ pseudonym }: HubCore, asking: Asking): LimitsOf {
  return ({ envelope: { message, platform } }, { tenant }) =>
    asking.limitsOf({
      tenant,
      platform,
      user: pseudonym(tenant.id, platform, message.sender.id),
      group: message.chat.kind === 'group' ? pseudonym(tenant.id, `${platform}/chat`, message.chat.id) : undefined,
    });
}
