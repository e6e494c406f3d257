import { healMarkdown } from '@parley/core/markdown';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stableLength } from './stable.ts';

/** What a message that can only grow shows after these previews. */
function grow(previews: string[]): string {
  let shown = '';
  let previous = '';
  for (const preview of previews) {
    if (preview === previous || !preview.startsWith(shown)) continue;
    const end = stableLength(previous, preview);
    if (end > shown.length) shown = preview.slice(0, end);
    if (shown !== '') previous = preview;
  }
  return shown;
}

/** The previews of an answer whose text comes in pieces. */
const previewsOf = (pieces: string[]) => pieces.map((_, index) => healMarkdown(pieces.slice(0, index + 1).join('')));

describe('stableLength', () => {
  test.each([
    ['a **bold', 'a **bold** word'],
    ['see [the docs](htt', 'see [the docs](https://x.test) first'],
    ['```js\nlet a', '```js\nlet a = 1;\n```\nThen.'],
    ['| a | b |\n| :--', '| a | b |\n| :-- | --: |\n| 1 | 2 |'],
    ['> ```\n> x', '> ```\n> x = `1`\n> ```'],
    ['Title\n-', 'Title\n- one\n- two'],
    ['1. *a* and `b', '1. *a* and `b` and ~~c~~'],
  ])('what is shown of %j stays in %j', (half, whole) => {
    const previews = [half.slice(0, 4), half, whole].map(healMarkdown);
    for (const length of [1, 2, 3]) expect(previews[2]?.startsWith(grow(previews.slice(0, length)))).toBe(true);
  });

  test('shows something of the first preview', () => {
    expect(grow(['Hello wor'])).toBe('Hello ');
    expect(grow(['你好'])).toBe('你');
  });

  test('goes on by the line, and to the end once the end was seen twice', () => {
    const line = 'word '.repeat(40).trim();
    expect(stableLength('', `${line}\nnext`)).toBe(line.length);
    expect(stableLength(line, `${line} more.`)).toBe(line.length);
    expect(stableLength('', line)).toBeGreaterThan(line.length - 100);
  });

  test('never shows half of a ping or of a character', () => {
    for (const text of ['hello <!chan', 'hello <@U0ALI', 'a <b <!subteam^S123'])
      expect(text.slice(0, stableLength(text.slice(0, -1), text))).not.toMatch(/<[!@]/);
    const smiles = '😀'.repeat(50);
    for (let length = 2; length < smiles.length; length += 1) {
      const text = smiles.slice(0, length);
      expect(text.slice(0, stableLength(text.slice(0, -1), text)).isWellFormed()).toBe(text.length > 0);
    }
  });

  test('shows only what the finished text begins with, or is caught showing something else', () => {
    const piece = fc.constantFrom('word ', '字', '😀', '**', '*', '`', '[a](', 'b)', '\n', '- ', '```\n', '| c |', '<');
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 12 }), { minLength: 1, maxLength: 12 }), (updates) => {
        const previews = previewsOf(updates.map((pieces) => pieces.join('')));
        const shown = grow(previews);
        // Some preview had it all: nothing that was shown is made up.
        expect(shown === '' || previews.some((preview) => preview.startsWith(shown))).toBe(true);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });

  test('shows nearly all of an ordinary answer before its end', () => {
    const answer = Array.from(
      { length: 30 },
      (_, n) => `${n}. **Step ${n}**: run \`npm test ${n}\`, see [the guide](https://x.test/${n}).\n`,
    ).join('');
    for (const size of [7, 23, 61]) {
      const pieces = Array.from({ length: Math.ceil(answer.length / size) }, (_, n) =>
        answer.slice(n * size, (n + 1) * size),
      );
      const shown = grow(previewsOf(pieces));
      expect(answer.startsWith(shown)).toBe(true);
      expect(shown.length).toBeGreaterThan(answer.length - 120);
    }
  });
});
