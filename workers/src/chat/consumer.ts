import { randomUUID } from 'node:crypto';
import {
  type ConversationAddress,
  type Head,
  LOCK_MS,
  QUEUE_PREFIX,
  type RedisClient,
  TURN_QUEUE,
  type TurnStore,
  type WakeJob,
  type WakeQueue,
} from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { TurnRunner } from './turn.ts';

export interface ConsumerOptions {
  /** A connection of its own: BullMQ blocks on it. */
  redis: RedisClient;
  turns: TurnStore;
  queue: WakeQueue;
  runner: TurnRunner;
  /** Conversations answered at a time. */
  concurrency: number;
  metrics: Metrics;
  logger: Logger;
}

/** Takes wake jobs and works through the mailboxes they name: one conversation at a time each, head by head. */
export interface Consumer {
  /**
   * Takes no new conversation, lets running turns end within `deadlineMs`, hands the rest back to other workers with
   * their messages still waiting, and resolves.
   */
  drain(deadlineMs: number): Promise<void>;
}

/**
 * A worker that dies is noticed when its job's lock runs out: the next check of any other worker makes the job
 * runnable again. 8 s + 4 s bounds the take-over to about 12 s.
 */
const JOB_LOCK_MS = 8_000;
const STALL_CHECK_MS = 4_000;
/** A job may be taken over any number of times; what is bounded is how often one turn is begun (see turn.ts). */
const MAX_STALLS = 1_000_000;
/** Turns one wake works through before other conversations get their chance. */
const TURNS_PER_WAKE = 20;

interface Owned {
  conversation: ConversationAddress;
  owner: string;
  abort: AbortController;
}

export function createConsumer(options: ConsumerOptions): Consumer {
  const { turns, queue, runner, metrics, logger } = options;
  const owned = new Set<Owned>(); // bounded by the concurrency
  let draining = false;

  async function workThrough({ conversation, shard }: WakeJob): Promise<void> {
    const claim: Owned = {
      conversation: { id: conversation, shard },
      owner: randomUUID(),
      abort: new AbortController(),
    };
    const claimed = await turns.claim(claim.conversation, claim.owner);
    // Busy: its owner looks for new messages before it lets go, and the sweeper watches over the owner.
    if (claimed.status !== 'head') return;
    owned.add(claim);
    metrics.activeTurns.inc();
    try {
      await answerHeads(claim, claimed.head);
    } catch (error) {
      logger.error({ conversation, err: error }, 'conversation handed back');
      await handBack(claim);
    } finally {
      owned.delete(claim);
      metrics.activeTurns.dec();
    }
  }

  async function answerHeads(claim: Owned, first: Head): Promise<void> {
    let head = first;
    for (let done = 0; ; done++) {
      if (draining || claim.abort.signal.aborted || done >= TURNS_PER_WAKE) return handBack(claim);
      const result = await runner.run(head, claim.owner, claim.abort.signal);
      if (result.status === 'handed_back') return handBack(claim);
      if (result.status !== 'head') return;
      head = result.head;
    }
  }

  /** Lets go with messages still waiting; the wake is kept while this job is active and runs right after it. */
  async function handBack({ conversation, owner }: Owned): Promise<void> {
    await turns.release(conversation, owner);
    await queue.wake(conversation);
  }

  async function renewAll(): Promise<void> {
    await Promise.all(
      [...owned].map(async (claim) => {
        const stillOurs = await turns.renew(claim.conversation, claim.owner).catch(() => true); // Redis away: decided when it is back
        if (!stillOurs) claim.abort.abort();
      }),
    );
  }

  let renewing = false;
  const renewTimer = setInterval(() => {
    if (renewing) return;
    renewing = true;
    void renewAll().finally(() => {
      renewing = false;
    });
  }, LOCK_MS / 3);

  const worker = new Worker<WakeJob>(TURN_QUEUE, (job) => workThrough(job.data), {
    connection: options.redis,
    prefix: QUEUE_PREFIX,
    concurrency: options.concurrency,
    lockDuration: JOB_LOCK_MS,
    stalledInterval: STALL_CHECK_MS,
    maxStalledCount: MAX_STALLS,
    skipVersionCheck: true,
  });
  worker.on('error', (error) => logger.warn({ error: error.message }, 'queue trouble'));
  worker.on('failed', (_job, error) => logger.error({ err: error }, 'wake job failed'));

  return {
    async drain(deadlineMs) {
      draining = true;
      const closed = worker.close();
      const timer = setTimeout(() => {
        for (const claim of owned) claim.abort.abort();
      }, deadlineMs);
      await closed;
      clearTimeout(timer);
      clearInterval(renewTimer);
    },
  };
}
