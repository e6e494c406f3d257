import { sumInGroups } from './groups.ts';
import type { RedisClient } from './redis.ts';

/** Rows of one write, as far as that leaves a stream enough: */
const BATCH = 200;
/** Rows of one stream at a time. With fewer, busy ones would be asked again and again. */
const ROWS_AT_LEAST = 20;
/** Streams that are asked in one go: their commands leave in one packet. */
const TOGETHER = 100;

/**
 * Moves the rows of streams to the database, of each stream the oldest first; what lies in many streams is written
 * together. A row is deleted only after `write` has resolved, and `write` must be idempotent: a crash between the two
 * repeats the batch, never loses it.
 *
 * @returns how many rows were moved
 */
export function drainStreams(
  redis: RedisClient,
  streams: readonly string[],
  write: (rows: string[]) => Promise<void>,
): Promise<number> {
  return sumInGroups(streams, TOGETHER, (group) => drainTogether(redis, group, write));
}

async function drainTogether(
  redis: RedisClient,
  streams: readonly string[],
  write: (rows: string[]) => Promise<void>,
): Promise<number> {
  let moved = 0;
  let left = streams;
  while (left.length > 0) {
    const count = Math.max(ROWS_AT_LEAST, Math.ceil(BATCH / left.length));
    const read = await Promise.all(
      left.map(async (stream) => ({ stream, entries: await redis.xrange(stream, '-', '+', 'COUNT', count) })),
    );
    const found = read.filter(({ entries }) => entries.length > 0);
    const rows = found.flatMap(({ entries }) => entries.map(([, fields]) => fields[1] ?? ''));
    if (rows.length === 0) return moved;
    await write(rows);
    await Promise.all(found.map(({ stream, entries }) => redis.xdel(stream, ...entries.map(([id]) => id))));
    moved += rows.length;
    left = found.filter(({ entries }) => entries.length === count).map(({ stream }) => stream);
  }
  return moved;
}
