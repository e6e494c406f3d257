import { createArchiveDrain, keys } from '@parley/core/bus';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.ts';

const { redis } = useRedis();

const fill = async (counts: readonly number[]) => {
  const pipeline = redis().pipeline();
  for (const [shard, count] of counts.entries()) {
    for (let i = 0; i < count; i++) pipeline.xadd(keys.archive(shard), '*', 'turn', JSON.stringify({ shard, i }));
  }
  await pipeline.exec();
};
const left = async () => {
  const lengths = await Promise.all(Array.from({ length: 16 }, (_, shard) => redis().xlen(keys.archive(shard))));
  return lengths.reduce((sum, length) => sum + length, 0);
};

test('however unevenly rows lie in their streams: each is written once, of each stream the oldest first', async () => {
  const count = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 450 }));
  await fc.assert(
    fc.asyncProperty(fc.array(count, { minLength: 1, maxLength: 16 }), async (counts) => {
      await fill(counts);
      const written: { shard: number; i: number }[] = [];
      const moved = await createArchiveDrain(redis())(async (rows) => {
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThanOrEqual(16 * 20);
        written.push(...rows.map((row) => JSON.parse(row)));
      });
      const expected = counts.map((rows) => Array.from({ length: rows }, (_, i) => i));
      expect(counts.map((_, shard) => written.filter((row) => row.shard === shard).map(({ i }) => i))).toEqual(
        expected,
      );
      expect(moved).toBe(written.length);
      expect(await left()).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('what cannot be written stays, all of it, and is written later', async () => {
  await fill([30, 0, 5]);
  const drain = createArchiveDrain(redis());
  let calls = 0;
  const failing = drain(async () => {
    calls++;
    if (calls === 2) throw new Error('the database is away');
  });
  await expect(failing).rejects.toThrow('the database is away');
  expect(await left()).toBe(10);
  expect(await drain(async () => {})).toBe(10);
});
