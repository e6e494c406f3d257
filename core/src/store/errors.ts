import { DrizzleQueryError } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';

/** SQLSTATE classes and driver errors that pass: no connection, too many of them, shutdown, out of time or resources. */
const PASSING = /^(08|53|57|40|55P03|ECONN|ENOTFOUND|ENOENT|ETIMEDOUT|EPIPE|EAI_AGAIN)/;
/** What was asked for is no value that a database can hold: a number out of its range, a text with a NUL in it. */
const NO_VALUE = /^(22003|22007|22008|22009|22021|22P02|22P05)$/;
const PASSING_MESSAGE = /timeout|terminated|connection/i;

/**
 * Runs database work and translates what it throws: `unavailable` where another try may help, else `internal`. The
 * original error is left behind on purpose: drizzle's message and Postgres' details quote rows, people's words included.
 */
export async function guarded<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ParleyError ? error : translate(what, error);
  }
}

function translate(what: string, error: unknown): ParleyError {
  const root = deepest(error);
  const code = root instanceof Error && 'code' in root ? String(root.code) : '';
  // An error without a code is the driver's or our own ("Query read timeout") and quotes no rows; drizzle's do.
  const words = root instanceof Error && !(root instanceof DrizzleQueryError) ? root.message : 'unknown reason';
  if (NO_VALUE.test(code)) {
    return new ParleyError('invalid_request', 'A value is out of range, or holds characters that cannot be stored');
  }
  const passing = code ? PASSING.test(code) : PASSING_MESSAGE.test(words);
  return new ParleyError(passing ? 'unavailable' : 'internal', `Database: ${what} failed (${code || words})`);
}

function deepest(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 10 && current instanceof Error && current.cause instanceof Error; depth++) {
    current = current.cause;
  }
  return current;
}
