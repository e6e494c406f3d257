import { lexMarkdown } from '@parley/core/markdown';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCardMarkdown } from './card.ts';
import { encodedBytes, formatReply, MAX_CARD_BYTES, MAX_CARD_TABLES } from './format.ts';

interface Card {
  schema: string;
  body: { elements: { tag: string; content: string }[] };
}

const cards = (markdown: string) => formatReply(markdown).map((part) => part.payload as unknown as Card);
const contents = (markdown: string) => cards(markdown).map((card) => card.body.elements[0]?.content ?? '');
const render = (markdown: string) => toCardMarkdown(markdown).content;

describe('card markdown', () => {
  it.each([
    ['# Title\n\nText', '# Title\n\nText'],
    ['**b** *i* ~~s~~ `c`', '**b** *i* ~~s~~ `c`'],
    ['- a\n- b\n  - c', '- a\n- b\n    - c'],
    ['3. a\n4. b', '3. a\n4. b'],
    ['- [x] done\n- [ ] open', '- ☑ done\n- ☐ open'],
    ['> a\n> b', '> a\n> b'],
    ['| a | b |\n|---|:-:|\n| 1 | x\\|y |', '| a | b |\n| --- | :-: |\n| 1 | x\\|y |'],
    ['~~~js\nlet a = 1 < 2;\n~~~', '```js\nlet a = 1 < 2;\n```'],
    ['````\n```\n````', '````\n```\n````'],
    ['a<br>b', 'a<br>b'],
    ['1 < 2, Vec<T>', '1 &#60; 2, Vec&#60;T>'],
    ['![cat](https://x.y/a.png)', '[cat](https://x.y/a.png)'],
    ['![](https://x.y/a.png)', '[https://x.y/a.png](https://x.y/a.png)'],
    ['Look!![cat](https://x.y/a.png)', 'Look! [cat](https://x.y/a.png)'],
    ['<https://x.y/>', '[https://x.y/](https://x.y/)'],
    ['[site][1]\n\n[1]: https://x.y/', '[site](https://x.y/)\n\n[1]: https://x.y/'],
    ['[run](lark://client/x)', 'run (lark://client/x)'],
    ['[wiki](https://x.y/a_(b))', '[wiki](https://x.y/a_%28b%29)'],
  ])('renders %j', (markdown, expected) => {
    expect(render(markdown)).toBe(expected);
  });

  it.each([
    '<at id=all></at>',
    'hello <at id="ou_1"></at>',
    '\\<at id=all></at>',
    '<AT ID=all></AT>',
    '< at id=all>',
    '</at>',
    '<at\nid=all></at>',
    '`<at id=all></at>`',
    '```\n<at id=all></at>\n```',
    '```<at id=all>\nx\n```',
    '    <at id=all></at>',
    '| <at id=all></at> |\n|---|\n| `<at id=all></at>` |',
    '- <at id=all></at>\n  > <at id=all></at>',
    '[<at id=all></at>](https://x.y/)',
    '![<at id=all></at>](https://x.y/)',
    '[x](<<at id=all>>)',
    '[x](javascript:"<at id=all>")',
    '**<at id=all></at>**',
    '<div><at id=all></at></div>',
    '<br<at id=all></at>>',
    '[x]: <at id=all>',
  ])('lets %j ping nobody', (markdown) => {
    for (const part of formatReply(markdown)) {
      expect(JSON.stringify(part)).not.toMatch(/<\s*\/?\s*at\b/i);
    }
  });
});

describe('formatReply', () => {
  it('makes one card of a short answer, with its words as plain text', () => {
    expect(formatReply('**Hi** [there](https://x.y/)')).toEqual([
      {
        payload: {
          schema: '2.0',
          config: { update_multi: true },
          body: { elements: [{ tag: 'markdown', content: '**Hi** [there](https://x.y/)' }] },
        },
        plain: expect.stringContaining('https://x.y/'),
      },
    ]);
    expect(formatReply(' \n ')).toEqual([]);
  });

  it('spreads tables over cards', () => {
    const table = '| a | b |\n|---|---|\n| 1 | 2 |';
    const parts = contents(Array.from({ length: 12 }, () => table).join('\n\n'));
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(parts.reduce((sum, content) => sum + toCardMarkdown(content).tables, 0)).toBeGreaterThanOrEqual(12);
    for (const content of parts) expect(toCardMarkdown(content).tables).toBeLessThanOrEqual(MAX_CARD_TABLES);
  });

  it('takes no longer for long runs of spaces in cells and code', () => {
    // Looked at from each of the spaces, either would take minutes.
    const spaces = ' '.repeat(200_000);
    expect(toCardMarkdown(`| a |\n|---|\n| x${spaces}y |`).content).toContain(`x${spaces}y`);
    expect(toCardMarkdown(`\`\`\`\n<${spaces}y\n\`\`\``).content).toContain(`<${spaces}y`);
  });

  it.each(['"', '\\', '\n', '<', '汉', '😀', 'a '])('keeps long runs of %j within the limit', (piece) => {
    for (const card of cards(`x ${piece.repeat(40_000)} y`)) {
      expect(encodedBytes(card as unknown as Record<string, unknown>)).toBeLessThanOrEqual(MAX_CARD_BYTES);
    }
  });

  const markup = fc.constantFrom(
    '# ',
    '- ',
    '1. ',
    '> ',
    '```\n',
    '`',
    '**',
    '*',
    '| ',
    '|',
    '|---|\n',
    '\n\n',
    '\n',
    '![',
    '](',
    ')',
    '[',
    '<at id=all></at>',
    '<',
    '</at>',
    '<br>',
    '\\',
    '&lt;',
    '!',
    '"',
    '~~~\n',
    '    ',
  );
  const word = fc.stringMatching(/^[a-z0-9]{3,8}$/);
  const document = fc
    .array(fc.oneof({ weight: 2, arbitrary: markup }, { weight: 3, arbitrary: word.map((text) => ` w${text} `) }), {
      maxLength: 200,
    })
    .map((pieces) => pieces.join(''));

  it('never breaks a limit, never pings, never loses a word', () => {
    fc.assert(
      fc.property(document, fc.constantFrom(1, 1, 40), (text, times) => {
        const markdown = Array.from({ length: times }, () => text).join('\n\n');
        const made = cards(markdown);
        for (const card of made) {
          expect(encodedBytes(card as unknown as Record<string, unknown>)).toBeLessThanOrEqual(MAX_CARD_BYTES);
          expect(toCardMarkdown(card.body.elements[0]?.content ?? '').tables).toBeLessThanOrEqual(MAX_CARD_TABLES);
        }
        const shown = made.map((card) => card.body.elements[0]?.content).join('\n');
        expect(shown).not.toMatch(/<\s*\/?\s*at\b/i);
        expect(JSON.stringify(lexMarkdown(shown))).not.toContain('"type":"image"');
        for (const [wanted] of markdown.matchAll(/\bw[a-z0-9]{3,8}\b/g)) expect(shown).toContain(wanted);
      }),
      { numRuns: 150 },
    );
  });

  it('is pure', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(formatReply(text)).toEqual(formatReply(text));
      }),
      { numRuns: 30 },
    );
  });
});
