import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { escapeText, formatReply, MARKDOWN_LIMIT } from './format.ts';

const markdownPayload = z.strictObject({
  blocks: z.tuple([z.strictObject({ type: z.literal('markdown'), text: z.string().min(1) })]),
});
const textsOf = (markdown: string) =>
  formatReply(markdown).map((part) => markdownPayload.parse(part.payload).blocks[0].text);

const pieces = fc.constantFrom(
  'word ',
  '# heading\n',
  '**bold** ',
  '`code` ',
  '\n\n',
  '```js\nconst a = 1 < 2 && b;\n```\n',
  '| a | b |\n|---|---|\n| 1 | 2 |\n',
  '- item\n',
  '[label](https://example.com/?a=1&b=2) ',
  '中文，',
  '👩‍👩‍👧 ',
  '<!channel> ',
  '<@U0ANN> ',
  '&amp; ',
  '<<<<',
);
const answers = fc.array(pieces, { maxLength: 3000, size: 'max' }).map((list) => list.join(''));

describe('formatReply', () => {
  test('one block for a short answer, untouched', () => {
    const markdown = '# Rivers\n\n**All** of `a < b && c` and <https://example.com>.\n\n```html\n<!DOCTYPE html>\n```';
    expect(textsOf(markdown)).toEqual([markdown]);
  });

  test('every part fits, with its entities counted, in blocks and in plain', () => {
    fc.assert(
      fc.property(answers, (markdown) => {
        for (const part of formatReply(markdown)) {
          const { text } = markdownPayload.parse(part.payload).blocks[0];
          expect(escapeText(text).length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
          // Slack cuts `text` at 40,000 characters.
          expect(escapeText(part.plain).length).toBeLessThanOrEqual(40_000);
          expect(part.plain).not.toBe('');
        }
      }),
      { numRuns: 30 },
    );
  });

  test('the same answer gives the same parts, plain JSON', () => {
    fc.assert(
      fc.property(answers, (markdown) => {
        const parts = formatReply(markdown);
        expect(formatReply(markdown)).toEqual(parts);
        expect(JSON.parse(JSON.stringify(parts))).toEqual(parts);
      }),
      { numRuns: 10 },
    );
  });

  test.each([
    '<!channel>',
    '<!here>',
    '<!everyone>',
    '<!here|here>',
    '<@U061F7AUR>',
    '<@W061F7AUR|ann>',
    '<!subteam^S0OPS>',
    '<#C024BE7LR>',
    '`<!channel>`',
    '```\n<!channel>\n```',
    '<<!channel>>',
  ])('%j pings nobody', (markdown) => {
    const [text = ''] = textsOf(markdown);
    expect(text).not.toMatch(/<[!@#]/);
    expect(text.replaceAll('\u200b', '')).toBe(markdown);
  });

  test.each(['<!DOCTYPE html>', '<!-- note -->', 'List<@NonNull String>', '#include <stdio.h>', 'a <b> & c'])(
    '%j can be copied',
    (markdown) => expect(textsOf(markdown)).toEqual([markdown]),
  );

  test('plain text has no markup, and code as it was', () => {
    const [part] = formatReply('## Title\n**bold** [docs](https://example.com) `x`\n```js\nconst a = `**b**`;\n```');
    expect(part?.plain).toBe('Title\nbold docs (https://example.com) x\nconst a = `**b**`;');
  });

  test('nothing to say gives no part', () => {
    expect(formatReply(' \n')).toEqual([]);
  });
});
