import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChatMessage } from '../provider/types.ts';
import { MESSAGE_OVERHEAD_TOKENS, trimHistory } from './trim.ts';

const characters = (text: string) => text.length;
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const turn = 10 + 2 * MESSAGE_OVERHEAD_TOKENS;

test('keeps everything that fits', () => {
  const history = [user('aaaaa'), assistant('bbbbb')];
  expect(trimHistory(history, turn, characters)).toEqual(history);
});

test('drops whole turns, the oldest first', () => {
  const history = [user('aaaaa'), assistant('bbbbb'), user('ccccc'), assistant('ddddd')];
  expect(trimHistory(history, 2 * turn - 1, characters)).toEqual(history.slice(2));
  expect(trimHistory(history, turn - 1, characters)).toEqual([]);
});

test('whatever the history: an unbroken tail within the limit that a person opens', () => {
  const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: fc.string() });
  fc.assert(
    fc.property(fc.array(message), fc.nat(200), (history, limit) => {
      const kept = trimHistory(history, limit, characters);
      const cost = kept.reduce((sum, { content }) => sum + content.length + MESSAGE_OVERHEAD_TOKENS, 0);
      expect(cost).toBeLessThanOrEqual(limit);
      expect(kept).toEqual(history.slice(history.length - kept.length));
      if (kept.length > 0) expect(kept[0]?.role).toBe('user');
    }),
  );
});
