import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument } from './arbitrary.ts';
import { lexInline, lexMarkdown, type MarkdownToken } from './lex.ts';

function depth(tokens: MarkdownToken[]): number {
  const depths = tokens.map((token) => {
    if ('items' in token && Array.isArray(token.items)) return 1 + depth(token.items);
    const inner = 'tokens' in token ? token.tokens : undefined;
    return inner ? 1 + depth(inner) : 1;
  });
  return Math.max(0, ...depths);
}

describe('lexMarkdown', () => {
  it('reads GFM', () => {
    const types = lexMarkdown('# a\n\n| a |\n|---|\n| b |\n\n- [x] c').map((token) => token.type);
    expect(types.filter((type) => type !== 'space')).toEqual(['heading', 'table', 'list']);
  });

  it.each(['>', '> ', '[', '![', '- ', '1. ', '**a', '_a', '~~', '`', '<', '(', '[a](', '|', '\\', '<!--', '&'])(
    'survives 10,000 times %j',
    (piece) => {
      const text = piece.repeat(10_000);
      const tokens = lexMarkdown(text);
      expect(depth(tokens)).toBeLessThan(60);
      expect(
        tokens
          .map((token) => token.raw)
          .join('')
          .trimEnd(),
      ).toBe(text.trimEnd());
    },
  );

  it('survives a list of a thousand levels', () => {
    const text = Array.from({ length: 1000 }, (_, level) => `${'  '.repeat(level)}- a`).join('\n');
    expect(depth(lexMarkdown(text))).toBeLessThan(60);
  });

  it('never throws', () => {
    fc.assert(fc.property(anyDocument, (markdown) => Array.isArray(lexMarkdown(markdown))));
  });
});

describe('lexInline', () => {
  it('gives back every character of a text longer than its window', () => {
    const text = '**bold** and 中文👍 text '.repeat(1000);
    expect(
      lexInline(text)
        .map((token) => token.raw)
        .join(''),
    ).toBe(text);
  });
});
