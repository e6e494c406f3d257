import type { RedisClient } from './redis.ts';

const BATCH = 200;

/**
 * Moves a stream's rows to the database, oldest first. A row is deleted only after `write` has resolved, and `write` must
 * be idempotent: a crash between the two repeats the batch, never loses it.
 *
 * @returns how many rows were moved
 */
export async function drainStream(
  redis: RedisClient,
  stream: string,
  write: (rows: string[]) => Promise<void>,
): Promise<number> {
  for (let moved = 0; ; ) {
    const entries = await redis.xrange(stream, '-', '+', 'COUNT', BATCH);
    if (entries.length === 0) return moved;
    await write(entries.map(([, fields]) => fields[1] ?? ''));
    await redis.xdel(stream, ...entries.map(([id]) => id));
    moved += entries.length;
    if (entries.length < BATCH) return moved;
  }
}
