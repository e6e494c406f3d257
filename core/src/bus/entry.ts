import type { Envelope } from './publisher.ts';

/** Characters of the time at the beginning of a mailbox entry; the scripts compare these as text. */
export const TIME_WIDTH = 18;

/** A message as it stands in a mailbox: when the person sent it (Unix ms, three decimals, fixed width), then JSON. */
export function writeEntry(envelope: Envelope): string {
  return envelope.message.sentAt.toFixed(3).padStart(TIME_WIDTH, '0') + JSON.stringify(envelope);
}

export function readEntry(entry: string): Envelope {
  return JSON.parse(entry.slice(TIME_WIDTH)) as Envelope;
}
