/** Wrong attempts before a name is locked for the first time. */
export const FREE_ATTEMPTS = 5;
const FIRST_LOCK_MS = 30_000;
const LONGEST_LOCK_MS = 15 * 60_000;

/** How long a name is locked after so many wrong attempts in a row: 30 seconds, doubling up to 15 minutes. */
export function lockMsAfter(failures: number): number {
  if (failures < FREE_ATTEMPTS) return 0;
  return Math.min(FIRST_LOCK_MS * 2 ** Math.min(failures - FREE_ATTEMPTS, 20), LONGEST_LOCK_MS);
}
