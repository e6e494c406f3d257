import { expect, test } from 'vitest';
import { type Envelope, readEntry, TIME_WIDTH, writeEntry } from './entry.ts';

const sentAt = (ms: number) => ({ turn: 't', message: { text: 'why?', sentAt: ms } }) as unknown as Envelope;

test.each([0, 1_700_000_000_000.123, 1e15, 1e30, Infinity])('an entry sent at %d can be read again', (ms) => {
  const entry = writeEntry(sentAt(ms));
  expect(readEntry(entry)).toMatchObject({ turn: 't', message: { text: 'why?' } });
  // As text it stands behind what was sent before it.
  expect(entry.slice(0, TIME_WIDTH) >= writeEntry(sentAt(0)).slice(0, TIME_WIDTH)).toBe(true);
});
