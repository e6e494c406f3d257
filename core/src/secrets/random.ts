import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8 * 1024;

/**
 * Random bytes from the system's generator, fetched many at a time: a call for each nonce costs more than sealing a
 * sentence. No byte is handed out twice; what is returned is the caller's own copy.
 */
export function createRandomPool(): (bytes: number) => Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return (bytes) => {
    if (bytes > POOL_BYTES) throw new RangeError(`at most ${POOL_BYTES} bytes at a time`);
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const taken = Buffer.from(pool.subarray(used, used + bytes));
    // What was handed out may be a nonce that nobody shall find here later.
    pool.fill(0, used, used + bytes);
    used += bytes;
    return taken;
  };
}
