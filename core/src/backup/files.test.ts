import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { PART_BYTES, readLines, writeLines } from './files.ts';
import { createBackupKey } from './key.ts';
import type { BackupPlace } from './place.ts';

/** However large a table is: what is in memory of it at once is a part or two. Counted, not timed. */
vi.setConfig({ testTimeout: 60_000 });

const LINE_CHARACTERS = 10_000;
const key = createBackupKey(Buffer.alloc(32, 7), 'own');

/** A place that counts what comes and goes, and lets others work while it does. */
function countingPlace() {
  const parts = new Map<string, Buffer>();
  const counts = { written: 0, read: 0 };
  const place: BackupPlace = {
    name: 'memory',
    folders: async () => [],
    files: async () => [...parts.keys()],
    async read(_folder, file) {
      const bytes = parts.get(file);
      counts.read += bytes?.length ?? 0;
      return bytes;
    },
    async write(_folder, file, bytes) {
      // Slower than the table is read: who does not wait for it would run ahead.
      for (let i = 0; i < 50; i++) await nextTurn();
      counts.written += bytes.length;
      parts.set(file, bytes);
    },
    async remove() {},
    close() {},
  };
  return { shelf: { place, key, folder: 'b', salt: randomBytes(32).toString('base64') }, counts };
}

/** Nothing in it can be compressed but its own alphabet. */
const line = () => randomBytes((LINE_CHARACTERS * 3) / 4).toString('base64');

test('writing waits for the place: of a table of ten parts two at most are on their way', async () => {
  const { shelf, counts } = countingPlace();
  const total = Math.ceil((10 * PART_BYTES) / ((LINE_CHARACTERS * 3) / 4));
  let [taken, ahead] = [0, 0];
  async function* rows() {
    for (let count = 0; count < total; count += 20) {
      yield Array.from({ length: 20 }, line);
      taken += (20 * LINE_CHARACTERS * 3) / 4;
      ahead = Math.max(ahead, taken - counts.written);
    }
  }
  const stored = await writeLines(shelf, 'messages', rows());
  expect(stored.parts.length).toBeGreaterThanOrEqual(10);
  expect(ahead).toBeGreaterThan(PART_BYTES / 2);
  expect(ahead).toBeLessThan(2 * PART_BYTES);
});

test('reading waits for whoever takes the lines, and hands on a little at a time', async () => {
  const { shelf, counts } = countingPlace();
  const total = Math.ceil((10 * PART_BYTES) / ((LINE_CHARACTERS * 3) / 4));
  const stored = await writeLines(
    shelf,
    'messages',
    (function* () {
      for (let count = 0; count < total; count++) yield [line()];
    })(),
  );
  let [taken, ahead, longest] = [0, 0, 0];
  for await (const batch of readLines(shelf, 'messages', stored)) {
    for (let i = 0; i < 50; i++) await nextTurn();
    longest = Math.max(longest, batch.length);
    taken += (batch.length * LINE_CHARACTERS * 3) / 4;
    ahead = Math.max(ahead, counts.read - taken);
  }
  expect(counts.read).toBeGreaterThan(10 * PART_BYTES);
  expect(ahead).toBeLessThan(3 * PART_BYTES);
  // A million characters, whatever the number of lines.
  expect(longest).toBe(1_000_000 / LINE_CHARACTERS);
});
