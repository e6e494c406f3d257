import { createAudit } from '@parley/core/audit';
import { createDeadLetters, createQueueView, createTakeOvers } from '@parley/core/bus';
import type { AdminRoute } from '../http/route.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit.ts';
import { conversationRoutes } from './conversations.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { eventRoutes } from './events.ts';
import { overviewRoutes } from './overview.ts';
import { playgroundRoutes } from './playground.ts';
import { quotaRoutes } from './quota.ts';
import { systemRoutes } from './system.ts';
import { takeOverRoutes } from './take-over.ts';
import { turnRoutes } from './turns.ts';
import type { RuntimeDeps } from './types.ts';
import { usageRoutes } from './usage.ts';

export { createLiveEvents, type LiveEvent, type LiveEvents } from './live.ts';
export type { About, Attention, RuntimeDeps } from './types.ts';

/** The endpoints about what the hub does and did: turns, conversations, money, records, and what happens right now. */
export function runtimeRoutes(deps: RuntimeDeps): AdminRoute[] {
  const { redis, queue, maxMailbox, store } = deps;
  const parts = {
    ...deps,
    audit: createAudit(store),
    deadLetters: createDeadLetters({ redis, queue, maxMailbox }),
    takeOvers: createTakeOvers(redis),
    view: createQueueView(redis),
  };
  return [
    ...overviewRoutes(parts),
    ...turnRoutes(parts),
    ...conversationRoutes(parts),
    ...takeOverRoutes(parts),
    ...deadLetterRoutes(parts),
    ...usageRoutes(parts),
    ...quotaRoutes(parts),
    ...apiKeyRoutes(parts),
    ...auditRoutes(parts),
    ...playgroundRoutes(parts),
    ...eventRoutes(parts),
    ...systemRoutes(parts),
  ];
}
