import { createHash } from 'node:crypto';

/** Names a key in timelines, metrics and Redis without telling it: the first 12 hex digits of its SHA-256. */
export function fingerprintOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}
