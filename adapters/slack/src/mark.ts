import { z } from 'zod';

const EVENT_TYPE = 'parley_turn';

/**
 * Slack knows no idempotency key: this metadata on every message is how one that may have been sent can be found again.
 *
 * @see https://docs.slack.dev/messaging/message-metadata
 */
export function makeMark(idempotencyKey: string): z.input<typeof mark> {
  return { event_type: EVENT_TYPE, event_payload: { key: idempotencyKey } };
}

/** The idempotency key of a message of ours, by its metadata; undefined for every other message. */
export function readMark(metadata: unknown): string | undefined {
  return mark.safeParse(metadata).data?.event_payload.key;
}

const mark = z.object({ event_type: z.literal(EVENT_TYPE), event_payload: z.object({ key: z.string() }) });
