export { type Amender, type AmendOutcome, createAmender } from './amend.ts';
export { createArchiveDrain, type DrainArchive } from './archive.ts';
export { createSharedCache } from './cache.ts';
export { createDeadLetters, type DeadLetter, type DeadLetters, writeDeadLetter } from './dead-letters.ts';
export { type BacklogGauge, createBacklogGauge } from './depth.ts';
export type { Envelope, OperatorWords, Replay } from './entry.ts';
export { type Anchor, anchorOf, type FinishedTurn, type TimelineEntry, turnNotice } from './finished.ts';
export { type CountInWindow, createFixedWindow } from './fixed-window.ts';
export { createGovernor, type Governor, type Place } from './governor.ts';
export { createHandOff, type HandOff, type TakeNow } from './hand-off.ts';
export { type ConversationAddress, conversationOf, EVENTS_CHANNEL, keys, shardOf, TURNS_CHANNEL } from './keys.ts';
export { createLeases, type HeldLease, type Leases } from './lease.ts';
export { listenFor } from './notices.ts';
export { type Overlap, overlapOf, type StopReason } from './overlap.ts';
export { createOwnRefs, type OwnRefs } from './own-refs.ts';
export { createPublisher, type Publisher, type PublishOutcome } from './publisher.ts';
export { createWakeQueue, QUEUE_PREFIX, TURN_QUEUE, type WakeJob, type WakeQueue } from './queue.ts';
export { createQueueAge, type QueueAge } from './queue-age.ts';
export { createQueueView, type QueueView, type WaitingOf } from './queue-view.ts';
export { connectRedis, openConnections, type RedisClient, untilUsable } from './redis.ts';
export { everyMaster, pingRedis } from './redis-health.ts';
export { parseRedisUrl } from './redis-url.ts';
export { createReplicaBarrier, type ReplicaBarrier } from './replicas.ts';
export { defineScript, type RunScript, type ScriptArgument } from './scripts/run.ts';
export { listenForStops, type StopNotice } from './stops.ts';
export { createSweeper, type Sweep } from './sweeper.ts';
export { createTakeOvers, type TakenConversation, type TakenOver, type TakeOvers } from './take-over.ts';
export {
  type CompleteResult,
  type Completion,
  createTurnStore,
  type Head,
  LOCK_MS,
  type NextHead,
  type Renewal,
  type TurnRecordFields,
  type TurnStore,
} from './turns.ts';
