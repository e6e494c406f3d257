import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument } from './arbitrary.ts';
import { plainText } from './plain.ts';

describe('plainText', () => {
  it.each([
    ['emphasis', '**a** *b* ~~c~~ `d` __e__', 'a b c d e'],
    ['heading', '## Title **x**\n\ntext', 'Title x\n\ntext'],
    ['link', '[docs](https://x.y "t") <https://a.b> https://c.d', 'docs (https://x.y) https://a.b https://c.d'],
    ['mail', 'a@b.co', 'a@b.co'],
    ['reference link', '[docs]\n\n[docs]: https://x.y', 'docs (https://x.y)'],
    ['image', '![cat](https://x.y/c.png)', 'cat (https://x.y/c.png)'],
    ['entities and escapes', 'a &amp; b &lt; c \\* d', 'a & b < c * d'],
    ['code keeps what looks like markup', '```js\n**a** &amp;\n\n  b\n```', '**a** &amp;\n\n  b'],
    ['list', '* a\n* b\n  * c\n\n3. d\n4. e', '- a\n- b\n  - c\n\n3. d\n4. e'],
    ['tasks', '- [x] done\n- [ ] open', '- [x] done\n- [ ] open'],
    ['loose list', '- a\n\n  b\n\n- c', '- a\n\n  b\n\n- c'],
    ['quote', '> a\n> > b', '> a\n> > b'],
    ['table', '| a | b |\n|---|---|\n| **1** | [x](http://y.z) |', 'a | b\n1 | x (http://y.z)'],
    ['tags', 'a<br>b <b>c</b> Vec<T> <!-- gone -->', 'a\nb c Vec<T>'],
    ['hard line break', 'a  \nb\\\nc', 'a\nb\nc'],
  ])('%s', (_, markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  it('takes no longer for a long run of spaces in a cell', () => {
    // Looked at from each of the spaces, it would take minutes.
    const spaces = ' '.repeat(200_000);
    expect(plainText(`| a |\n|---|\n| x${spaces}y |`)).toBe(`a\nx${spaces}y`);
  });

  it('keeps every word', () => {
    const words = (text: string) => text.match(/[a-z]{3,}/gi) ?? [];
    const markdown = fc.array(
      fc.constantFrom('**bold**', '`code`', '[', '> quote', '- item', '| cell |', '\n', '\n\n', 'word'),
    );
    fc.assert(
      fc.property(markdown, (parts) => {
        expect(words(plainText(parts.join(' ')))).toEqual(words(parts.join(' ')));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(anyDocument, (text) => typeof plainText(text) === 'string'));
  });
});
