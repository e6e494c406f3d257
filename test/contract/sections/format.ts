import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAdapter } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { GOLDEN, PINGS } from '../golden.ts';
import { expectInOrder } from '../order.ts';

/** "Pure, and the same input gives the same parts"; split at the platform's limits; a part is plain JSON. */
export function describeFormat(descriptor: PlatformDescriptor): void {
  describe('formatReply', () => {
    const { outgoing, recorded } = descriptor;
    const { credentials } = recorded;
    let first: ReturnType<typeof makeAdapter>;
    let second: ReturnType<typeof makeAdapter>;
    beforeAll(() => {
      // Nobody listens on port 1: a formatter that asked the platform would fail.
      first = makeAdapter(descriptor, { credentials, url: 'http://127.0.0.1:1', now: () => 0 });
      second = makeAdapter(descriptor, { credentials, url: 'http://127.0.0.1:1', now: () => 1e12 });
    });
    afterAll(async () => {
      await first.adapter.close();
      await second.adapter.close();
    });

    function expectGoodParts(markdown: string) {
      const parts = first.adapter.formatReply(markdown);
      expect(second.adapter.formatReply(markdown), 'a restarted worker gets the same').toEqual(parts);
      expect(JSON.parse(JSON.stringify(parts))).toStrictEqual(parts);
      for (const { payload, plain } of parts) {
        expect(plain.trim()).not.toBe('');
        expect(plain.length).toBeLessThanOrEqual(outgoing.plainLimit);
        expect(outgoing.size(payload)).toBeLessThanOrEqual(outgoing.limit);
        expect(plain.isWellFormed() && JSON.stringify(payload).isWellFormed()).toBe(true);
      }
      return parts;
    }

    test.each(GOLDEN)('$name: the same parts, within the limits, plain text complete', ({ markdown, shows }) => {
      const parts = expectGoodParts(markdown);
      expectInOrder(parts.map(({ plain }) => plain).join('\n'), shows);
    });

    test('a short answer is one message, and nothing is none', () => {
      expect(first.adapter.formatReply('Yes.')).toHaveLength(1);
      for (const nothing of ['', ' \n\t\n ']) expect(first.adapter.formatReply(nothing)).toEqual([]);
    });

    test('an answer of markup alone is not silence', () => {
      for (const odd of ['<!-- a comment -->', '[x]: https://example.com', '---', '**', '```\n```', '<br>']) {
        expect(first.adapter.formatReply(odd), odd).not.toEqual([]);
      }
    });

    test('whatever a model writes gives good parts', () => {
      const piece = fc.constantFrom(
        '**',
        '`',
        '```\n',
        '> ',
        '- ',
        '1. ',
        '| a | b |\n',
        '|--|--|\n',
        '[',
        '](',
        ')',
        '<',
        '&',
      );
      const text = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.constantFrom('\n', '\n\n', ' word ', '你好'),
      );
      const markdown = fc.array(fc.oneof(piece, text), { maxLength: 60 }).map((parts) => parts.join(''));
      fc.assert(
        fc.property(markdown, (input) => void expectGoodParts(input)),
        { numRuns: 150 },
      );
    });

    test.each(PINGS)('%s notifies nobody', (_name, markdown) => {
      for (const { plain } of expectGoodParts(markdown)) expect(plain).toMatch(/\S/);
    });
  });
}
