import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument, cleanDocument, proseDocument } from './arbitrary.ts';
import { lexMarkdown, type MarkdownToken } from './lex.ts';
import { splitMarkdown } from './split.ts';

const within = (characters: number) => (chunk: string) => chunk.length <= characters;
const limit = fc.oneof(fc.integer({ min: 10, max: 120 }), fc.integer({ min: 120, max: 5000 }));
const solid = (text: string) => text.replace(/\s/gu, '');

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of part) {
    at = whole.indexOf(char, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function tokensOf(markdown: string, type: string): MarkdownToken[] {
  const found: MarkdownToken[] = [];
  const walk = (tokens: MarkdownToken[]) => {
    for (const token of tokens) {
      if (token.type === type) found.push(token);
      if ('items' in token && Array.isArray(token.items)) walk(token.items);
      if ('tokens' in token && token.tokens) walk(token.tokens);
    }
  };
  walk(lexMarkdown(markdown));
  return found;
}

const codeIn = (markdown: string) =>
  tokensOf(markdown, 'code')
    .map((token) => ('text' in token ? solid(String(token.text)) : ''))
    .join('');

describe('splitMarkdown, whatever the text', () => {
  it('gives chunks that fit, are not blank and keep surrogate pairs whole', () => {
    fc.assert(
      fc.property(anyDocument, limit, (markdown, characters) => {
        for (const chunk of splitMarkdown(markdown, within(characters))) {
          expect(chunk.length).toBeLessThanOrEqual(characters);
          expect(chunk).not.toMatch(/^\s*\n|^\s*$|\s$/);
          expect(chunk.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(anyDocument, limit, (markdown, characters) => {
        const chunks = splitMarkdown(markdown, within(characters)).join('\n');
        // Fences' ends and quotes' blank lines are structure: they are where the chunks need them.
        const content = markdown.replace(/^.*(?:`{3,}|~{3,})[ \t]*$/gm, '').replaceAll('>', '');
        expect(isSubsequence(solid(content), solid(chunks))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same chunks again', () => {
    fc.assert(
      fc.property(anyDocument, limit, (markdown, characters) => {
        expect(splitMarkdown(markdown, within(characters))).toEqual(splitMarkdown(markdown, within(characters)));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps to a limit in bytes', () => {
    const fits = (chunk: string) => Buffer.byteLength(chunk) <= 60;
    fc.assert(fc.property(anyDocument, (markdown) => splitMarkdown(markdown, fits).every(fits)));
  });

  it('keeps to a limit of tables', () => {
    const fits = (chunk: string) => chunk.length <= 600 && tokensOf(chunk, 'table').length <= 2;
    fc.assert(fc.property(anyDocument, (markdown) => splitMarkdown(markdown, fits).every(fits)));
  });

  it('keeps code in fences and text out of them', () => {
    fc.assert(
      fc.property(cleanDocument, fc.integer({ min: 150, max: 800 }), (markdown, characters) => {
        const chunks = splitMarkdown(markdown, within(characters));
        expect(chunks.map(codeIn).join('')).toBe(codeIn(markdown));
      }),
      { numRuns: 300 },
    );
  });

  it('cuts no word, link or span that fits', () => {
    fc.assert(
      fc.property(proseDocument, fc.integer({ min: 60, max: 300 }), (markdown, characters) => {
        const chunks = splitMarkdown(markdown, within(characters));
        expect(chunks.map(solid).join('')).toBe(solid(markdown));
        for (const type of ['link', 'image', 'codespan', 'strong', 'em', 'del']) {
          const raws = (text: string) => tokensOf(text, type).map((token) => token.raw);
          expect(chunks.flatMap(raws)).toEqual(raws(markdown));
        }
        const words = (text: string) => text.match(/[a-z’]{2,}/gi) ?? [];
        expect(chunks.flatMap(words)).toEqual(words(markdown));
      }),
      { numRuns: 300 },
    );
  });

  it('asks a number of times that grows with the logarithm of the text', () => {
    let calls = 0;
    const fits = (chunk: string) => {
      calls++;
      return chunk.length <= 4096;
    };
    const chunks = splitMarkdown('Some words. '.repeat(20_000), fits);
    expect(calls / chunks.length).toBeLessThan(30);
  });
});

describe('splitMarkdown, by example', () => {
  it.each([
    ['nothing', ' \n\t\n', 10, []],
    ['what fits as it is', '\n\n  a\r\nb \n', 10, ['  a\nb']],
    ['between blocks', 'one one.\n\ntwo two.\n\nthree', 20, ['one one.\n\ntwo two.', 'three']],
    ['a heading with what follows it', 'text text\n\n# Head\n\nbody body', 22, ['text text', '# Head\n\nbody body']],
    ['after a sentence', 'One two. Three four. Five six seven', 30, ['One two. Three four.', 'Five six seven']],
    ['between words', 'alpha beta gamma', 12, ['alpha beta', 'gamma']],
    ['Chinese after its marks', '第一句话。第二句话在这里。第三', 14, ['第一句话。第二句话在这里。', '第三']],
    ['graphemes whole', '👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 17, ['👨‍👩‍👧👨‍👩‍👧', '👨‍👩‍👧']],
    ['a link whole', 'see the [long label](http://a.b)', 26, ['see the', '[long label](http://a.b)']],
    ['bold too long for one chunk', '**alpha beta gamma**', 15, ['**alpha beta**', '**gamma**']],
    ['no bullet out of a dash', 'alpha beta - gamma', 11, ['alpha', 'beta -', 'gamma']],
    [
      'a fence',
      '````ts title="x"\nconst a = 1;\nconst b = 2;\n````',
      40,
      ['````ts title="x"\nconst a = 1;\n````', '````ts title="x"\nconst b = 2;\n````'],
    ],
    [
      'a fence in a quote',
      '> ```\n> aaaa aaaa\n> bbbb bbbb\n> ```',
      30,
      ['> ```\n> aaaa aaaa\n> ```', '> ```\n> bbbb bbbb\n> ```'],
    ],
    [
      'a fence in a list, without the indentation that would turn it into text',
      '1. x\n   - ```\n     aaaa\n     bbbb\n     ```\n2. y',
      28,
      ['1. x', '- ```\n  aaaa\n  bbbb\n  ```', '2. y'],
    ],
    [
      'a table',
      '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |',
      32,
      ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 3 | 4 |'],
    ],
    ['a list between outer items', '- a\n  - b\n- c\n  - d', 16, ['- a\n  - b', '- c\n  - d']],
    ['text out of an item, kept apart from the next', '1. aaa bbb ccc\n2. d', 12, ['1. aaa bbb', 'ccc\n\n2. d']],
    ['a nested list', '- a\n  - bbbb\n    - cccc\n  - dddd\n- e', 20, ['- a\n  - bbbb', '- cccc\n- dddd\n- e']],
  ])('%s', (_, markdown, characters, chunks) => {
    expect(splitMarkdown(markdown, within(characters))).toEqual(chunks);
  });

  it('refuses a limit below one character', () => {
    expect(() => splitMarkdown('a', () => false)).toThrow(RangeError);
    expect(() => splitMarkdown('👍👍', within(1))).toThrow(RangeError);
  });
});
