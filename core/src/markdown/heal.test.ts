import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument, cleanDocument } from './arbitrary.ts';
import { healMarkdown } from './heal.ts';

describe('healMarkdown', () => {
  it.each([
    ['', ''],
    ['plain text', 'plain text'],
    ['a **bold', 'a **bold**'],
    ['a **bold ', 'a **bold**'],
    ['a **bold*', 'a **bold**'],
    ['a **bold**', 'a **bold**'],
    ['a **', 'a'],
    ['a *soft', 'a *soft*'],
    ['a ~~gone', 'a ~~gone~~'],
    ['**bold and *both', '**bold and *both***'],
    ['use `npm run', 'use `npm run`'],
    ['**use `npm', '**use `npm`**'],
    ['2*3 and snake_case', '2*3 and snake_case'],
    ['see [the docs](htt', 'see the docs'],
    ['see [the docs](https://x.y "ti', 'see the docs'],
    ['see [the docs](https://x.y)', 'see [the docs](https://x.y)'],
    ['```ts\nconst a', '```ts\nconst a\n```'],
    ['```ts', '```ts\n```'],
    ['```ts\na\n``', '```ts\na\n```'],
    ['- item\n  ~~~~\n  code', '- item\n  ~~~~\n  code\n  ~~~~'],
    ['> ```\n> code', '> ```\n> code\n> ```'],
    ['> a **b\n> c', '> a **b\n> c**'],
    ['Title\n-', 'Title'],
    ['| a | b |\n|--', '| a | b |\n| --- | --- |'],
    ['| a | b |\n|---|---|\n| 1 | **tw', '| a | b |\n|---|---|\n| 1 | **tw** |'],
  ])('%j becomes %j', (text, healed) => {
    expect(healMarkdown(text)).toBe(healed);
  });

  it('leaves a healed text as it is', () => {
    fc.assert(
      fc.property(anyDocument, fc.nat(), (markdown, cut) => {
        const healed = healMarkdown(markdown.slice(0, cut % (markdown.length + 1)));
        expect(healMarkdown(healed)).toBe(healed);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every word, wherever the text breaks off', () => {
    const words = (text: string) => text.replace(/[^\p{Letter}\p{Number}]/gu, '');
    fc.assert(
      fc.property(anyDocument, fc.nat(), (markdown, cut) => {
        const partial = markdown.slice(0, cut % (markdown.length + 1));
        const withoutUrl = words(partial.replace(/\]\([^()\n]*$/, ']'));
        expect([words(partial), withoutUrl]).toContain(words(healMarkdown(partial)));
      }),
      { numRuns: 500 },
    );
  });

  it('never leaves a fence open', () => {
    fc.assert(
      fc.property(cleanDocument, (markdown) => {
        expect(healMarkdown(`${markdown}\n\n\`\`\`ts\ncode`)).toMatch(/\n```ts\ncode\n```$/);
      }),
    );
  });
});
