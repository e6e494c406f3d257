import { createHash } from 'node:crypto';
import { ParleyError } from '@parley/core/errors';

/** A strong tag for a state that can be written as JSON. */
export function tagOf(state: unknown): string {
  return `"${createHash('sha256')
    .update(JSON.stringify(state) ?? '')
    .digest('base64url')
    .slice(0, 22)}"`;
}

/**
 * Refuses a change of something that somebody else changed meanwhile.
 *
 * @throws ParleyError `precondition_required` without a header, `precondition_failed` when it names another state
 */
export function assertMatch(header: string | undefined, state: unknown): void {
  if (header === undefined || header.trim() === '') {
    throw new ParleyError('precondition_required', 'If-Match: say which state you change (the ETag of your GET)');
  }
  const named = header.split(',').map((tag) => tag.trim());
  if (named.includes('*') || named.includes(tagOf(state))) return;
  throw new ParleyError('precondition_failed', 'Somebody changed this meanwhile: read it again, then change it');
}
