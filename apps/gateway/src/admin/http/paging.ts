import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';

/** What every list takes. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Entries at most'),
  cursor: z.string().max(500).optional().describe('`next_cursor` of the page before'),
};

/** A page of a list; `next_cursor` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** A place in a list as text that callers pass on and do not read. */
export const encodeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** @throws ParleyError `invalid_request` for one that this hub did not make */
export function decodeCursor<T extends z.ZodType>(cursor: string | undefined, place: T): z.output<T> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new ParleyError('invalid_request', 'cursor: expected the next_cursor of an earlier page', {
      fields: [{ path: 'cursor', message: 'expected the next_cursor of an earlier page' }],
    });
  }
}

/** Cuts one entry more than was wanted off, and turns the last one shown into the cursor. */
export function toPage<T, V>(rows: readonly T[], limit: number, place: (row: T) => unknown, show: (row: T) => V) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? encodeCursor(place(last)) : null;
  return { items: shown.map(show), next_cursor: next };
}
