import { and, eq, gte, inArray, max } from 'drizzle-orm';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { turns } from './schema.ts';

const LOOK_BACK_MS = 30 * 86_400_000;

/** When each channel last answered, Unix ms; channels that have not for a month are absent. */
export function lastReplies(store: Store, channels: readonly string[], now = Date.now()): Promise<Map<string, number>> {
  return guarded('reading the last replies', async () => {
    if (channels.length === 0) return new Map();
    const rows = await store.db
      .select({ channel: turns.channel, at: max(turns.finishedAt) })
      .from(turns)
      .where(
        and(
          inArray(turns.channel, [...channels]),
          eq(turns.status, 'success'),
          gte(turns.createdAt, new Date(now - LOOK_BACK_MS)),
        ),
      )
      .groupBy(turns.channel);
    return new Map(rows.flatMap(({ channel, at }) => (at === null ? [] : [[channel, at.getTime()] as const])));
  });
}
