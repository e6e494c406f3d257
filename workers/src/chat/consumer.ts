import { randomUUID } from 'node:crypto';
import {
  type ConversationAddress,
  type Head,
  LOCK_MS,
  listenForStops,
  type NextHead,
  QUEUE_PREFIX,
  type RedisClient,
  type StopReason,
  type TakeNow,
  TURN_QUEUE,
  type TurnStore,
  type WakeJob,
  type WakeQueue,
} from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { createPlaces } from './places.ts';
import type { TurnRunner } from './turn.ts';

export interface ConsumerOptions {
  /** A connection of its own: BullMQ blocks on it. */
  redis: RedisClient;
  /** A connection of its own: it subscribes to stops. Closed by `drain`. */
  subscriber: RedisClient;
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
  /** For conversations of the same process (`HandOff`): works through one without a wake job. */
  take: TakeNow;
  /**
   * Takes no new conversation, lets running turns end within `deadlineMs`, hands the rest back to other workers with
   * their messages still waiting, and resolves.
   */
  drain(deadlineMs: number): Promise<void>;
}

/**
 * A worker that dies is noticed when its job's lock runs out: the next check of any other worker makes the job
 * runnable again. A check has to find a job twice, and every other one comes too early for its turn: 2.5 s + 4 × 0.25 s bounds
 * this to about 3.5 s. It is shorter than a conversation's lock, which alone says whose a conversation is: who comes too
 * early finds it busy, and the sweep comes for it.
 */
const JOB_LOCK_MS = 2_500;
const STALL_CHECK_MS = 250;
/** A job may be taken over any number of times; what is bounded is how often one turn is begun (see turn.ts). */
const MAX_STALLS = 1_000_000;
/** How long a conversation rests after something unforeseen. */
const AFTER_FAILURE_MS = 1_000;
/** What was aborted on its way may still arrive: it gets this long before the next worker looks for it. */
const AFTER_ABORT_MS = 1_500;
/** Turns one wake works through before other conversations get their chance. */
const TURNS_PER_WAKE = 20;
/** How long a conversation waits here for a place; then any worker may have it. */
const PATIENCE_MS = 250;
/** One that came by a wake job already is put back for so long: at once it would come to the same worker again. */
const PUT_BACK_MS = 250;

type NothingNow = Extract<NextHead, { status: 'empty' }>;

interface Owned {
  conversation: ConversationAddress;
  owner: string;
  abort: AbortController;
  /** The turn being answered, and how a person ends it. */
  running: Running | undefined;
}

interface Running {
  turn: string;
  stop: AbortController;
}

export function createConsumer(options: ConsumerOptions): Consumer {
  const { turns, queue, runner, metrics, logger } = options;
  const owned = new Set<Owned>(); // bounded by the concurrency
  const places = createPlaces(options.concurrency);
  const takenNow = new Set<Promise<void>>(); // bounded by twice the concurrency
  let draining = false;

  async function carryOut({ conversation: id, shard }: WakeJob): Promise<void> {
    if (!(await places.enter(PATIENCE_MS))) return queue.wake({ id, shard }, PUT_BACK_MS);
    try {
      await workThrough({ id, shard });
    } finally {
      places.leave();
    }
  }

  function take(conversation: ConversationAddress): boolean {
    const begin = () => finishLater(conversation, workThrough(conversation).finally(places.leave));
    const giveUp = () => finishLater(conversation, queue.wake(conversation));
    return !draining && places.offer(begin, giveUp, PATIENCE_MS);
  }

  function finishLater({ id }: ConversationAddress, work: Promise<void>): void {
    const done = work
      // The message waits in its mailbox, and the sweep finds it.
      .catch((error) => logger.error({ conversation: id, err: error }, 'conversation not begun'))
      .finally(() => takenNow.delete(done));
    takenNow.add(done);
  }

  async function workThrough(conversation: ConversationAddress): Promise<void> {
    const claim: Owned = {
      conversation,
      owner: randomUUID(),
      abort: new AbortController(),
      running: undefined,
    };
    const claimed = await turns.claim(claim.conversation, claim.owner);
    // Busy: its owner looks for new messages before it lets go, and the sweeper watches over the owner.
    if (claimed.status === 'busy') return;
    if (claimed.status === 'empty') return wakeAfter(claim.conversation, claimed);
    owned.add(claim);
    metrics.activeTurns.inc();
    try {
      await answerHeads(claim, claimed.head);
    } catch (error) {
      logger.error({ conversation: conversation.id, err: error }, 'conversation handed back');
      // Not at once: whatever failed here may fail again.
      await handBack(claim, AFTER_FAILURE_MS);
    } finally {
      owned.delete(claim);
      metrics.activeTurns.dec();
    }
  }

  async function answerHeads(claim: Owned, first: Head): Promise<void> {
    let head = first;
    for (let done = 0; ; done++) {
      if (draining || claim.abort.signal.aborted || done >= TURNS_PER_WAKE) return handBack(claim);
      const result = await runner.run(head, claim.owner, claim.abort.signal, beginTurn(claim, head));
      if (result.status === 'handed_back') return handBack(claim, AFTER_ABORT_MS);
      if (result.status === 'parked') return handBack(claim, result.waitMs, result.isPaced);
      if (result.status === 'empty') return wakeAfter(claim.conversation, result);
      if (result.status !== 'head') return;
      head = result.head;
    }
  }

  /** Makes the turn one that can be stopped; it is stopped already when it was before another worker took it over. */
  function beginTurn(claim: Owned, { envelope, record }: Head): AbortSignal {
    claim.running = { turn: envelope.turn, stop: new AbortController() };
    stopTurn(claim.running, record.stop);
    return claim.running.stop.signal;
  }

  function stopTurn(running: Running | undefined, reason: StopReason | undefined): void {
    if (reason) running?.stop.abort(reason);
  }

  const stops = listenForStops(options.subscriber, ({ conversation, turn, reason }) => {
    for (const {
      conversation: { id },
      running,
    } of owned)
      if (id === conversation && running?.turn === turn) stopTurn(running, reason);
  });

  /** Nothing to do now; where there will be something soon, somebody has to come back for it. */
  async function wakeAfter(conversation: ConversationAddress, { waitMs }: NothingNow): Promise<void> {
    if (waitMs !== undefined) await queue.wake(conversation, waitMs);
  }

  /** Lets go with messages still waiting; the wake is kept while this job is active and runs after it, or `waitMs` later. */
  async function handBack({ conversation, owner }: Owned, waitMs?: number, isPaced = false): Promise<void> {
    await turns.release(conversation, owner, isPaced ? waitMs : undefined);
    await queue.wake(conversation, waitMs);
  }

  async function renewAll(): Promise<void> {
    await Promise.all(
      [...owned].map(async (claim) => {
        const { running } = claim;
        const renewal = await turns.renew(claim.conversation, claim.owner).catch(() => undefined);
        if (!renewal) return; // Redis away: decided when it is back
        if (!renewal.owned) claim.abort.abort();
        // For a stop whose notice was missed; of the turn that ran when this was asked, not of its successor.
        if (claim.running === running) stopTurn(running, renewal.stop);
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

  const worker = new Worker<WakeJob>(TURN_QUEUE, (job) => carryOut(job.data), {
    connection: options.redis,
    prefix: QUEUE_PREFIX,
    concurrency: options.concurrency,
    lockDuration: JOB_LOCK_MS,
    stalledInterval: STALL_CHECK_MS,
    maxStalledCount: MAX_STALLS,
    // Without a look at Redis' version BullMQ takes it for one that waits in whole seconds, and every delay for longer.
    skipVersionCheck: false,
  });
  worker.on('error', (error) => logger.warn({ error: error.message }, 'queue trouble'));
  worker.on('failed', (_job, error) => logger.error({ err: error }, 'wake job failed'));

  return {
    take,
    async drain(deadlineMs) {
      draining = true;
      places.clear();
      const closed = Promise.all([worker.close(), ...takenNow]);
      const timer = setTimeout(() => {
        for (const claim of owned) claim.abort.abort();
      }, deadlineMs);
      await closed;
      clearTimeout(timer);
      clearInterval(renewTimer);
      await stops.close();
    },
  };
}
