import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, openStore, type Store } from '../store/index.ts';
import { readRows } from './snapshot.ts';

let store: Store;

beforeAll(async () => {
  store = await openStore({ memory: true });
  await migrate(store);
});
afterAll(() => store.close());

/** How many rows were in memory at a time. */
async function batches(length: number, rows: number): Promise<number[]> {
  await store.db.execute(sql`delete from backup_notes`);
  await store.db.execute(
    sql`insert into backup_notes select n::text, 'id', repeat('x', ${length}::int), now(), now(), 1, 1
      from generate_series(1, ${rows}::int) n`,
  );
  const sizes: number[] = [];
  await store.db.transaction(async (tx) => {
    for await (const lines of readRows(tx, 'backup_notes')) sizes.push(lines.length);
  });
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(rows);
  return sizes;
}

test('rows come a million characters at a time, so fewer where they are long', async () => {
  expect(Math.max(...(await batches(10, 1_000)))).toBe(200);
  // A row has some 150 characters besides.
  expect((await batches(50_000, 60)).slice(1, -1)).toEqual([19, 19]);
  expect(await batches(2_000_000, 13)).toEqual([10, 1, 1, 1]);
});

test('who gives up gets no more of them', async () => {
  const stop = new AbortController();
  const reading = store.db.transaction(async (tx) => {
    for await (const _ of readRows(tx, 'backup_notes', { signal: stop.signal })) stop.abort();
  });
  await expect(reading).rejects.toMatchObject({ code: 'unavailable', message: 'The backup was given up' });
});
