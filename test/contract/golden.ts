import { PRIVATE } from './witness.ts';

/** An answer a model may give, and what of it people have to see, in this order. */
export interface Golden {
  name: string;
  markdown: string;
  shows: string[];
}

const fence = '```';
const numbered = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `${word}${String(index + 1).padStart(4, '0')}`);
const paragraphs = (words: string[], perLine: number) =>
  Array.from({ length: Math.ceil(words.length / perLine) }, (_, line) =>
    words.slice(line * perLine, (line + 1) * perLine).join(' '),
  ).join('\n\n');

const LONG = numbered(3400, 'word');
const LONG_CODE = numbered(1200, 'call');
const ROWS = numbered(400, 'row');
const HAN = Array.from({ length: 1000 }, (_, index) => `第${index + 1}句说的是别的事情，请看。`);

export const GOLDEN: Golden[] = [
  { name: 'plain words', markdown: `Hello ${PRIVATE}, world.`, shows: ['Hello', PRIVATE, 'world.'] },
  {
    name: 'styles and headings',
    markdown:
      '# Title one\n\n**bold** and *italic* and ~~gone~~ and `code`\n\n### Title two\n\n***both*** at_once snake_case_name',
    shows: ['Title one', 'bold', 'italic', 'gone', 'code', 'Title two', 'both', 'at_once', 'snake_case_name'],
  },
  {
    name: 'fences',
    markdown: `Before\n\n${fence}ts\nif (a < b && c > d) { say("x", \`y\`); } // **not bold** &amp;\n\n  indented\n${fence}\n\n~~~\ntilde ${fence} inside\n~~~\nAfter`,
    shows: ['Before', 'if (a < b && c > d)', 'say("x", `y`)', '**not bold**', '&amp;', 'indented', 'tilde', 'After'],
  },
  {
    name: 'a table',
    markdown:
      '| Name | 数量 | Note |\n|:--|--:|:-:|\n| apple | 3 | `a\\|b` |\n| 梨 & plum | 120 | **ripe** <soon> |\n\nThat is all.',
    shows: ['Name', '数量', 'Note', 'apple', '3', 'a', 'b', '梨 & plum', '120', 'ripe', 'soon', 'That is all.'],
  },
  {
    name: 'six tables',
    markdown: numbered(6, 'table')
      .map((name) => `| ${name} | x |\n|--|--|\n| of${name} | y |`)
      .join('\n\n'),
    shows: numbered(6, 'table').flatMap((name) => [name, `of${name}`]),
  },
  {
    name: 'nested lists',
    markdown:
      '1. one\n   - one a\n     - deeper\n       1. deepest\n   - one b\n2. two\n\n   still two\n\n   ```\n   code in two\n   ```\n3. three\n\n- [ ] open task\n- [x] done task',
    shows: [
      '1.',
      'one',
      'one a',
      'deeper',
      'deepest',
      'one b',
      'two',
      'still two',
      'code in two',
      'three',
      'open task',
      'done task',
    ],
  },
  {
    name: 'links and pictures',
    markdown:
      'See [the **docs**](https://example.com/a_(b)?x=1&y="2") or https://example.org/p?q=1_2_3 or <https://example.net>.\n\n![a chart](https://example.com/c.png) [relative](./file.md) [evil](javascript:alert(1)) mail me@example.com',
    shows: [
      'See',
      'docs',
      'https://example.org/p?q=1_2_3',
      'https://example.net',
      'a chart',
      'relative',
      'evil',
      'me@example.com',
    ],
  },
  {
    name: 'quotes',
    markdown: '> quoted **words**\n> go on\n>\n> > deeper quote\n\nreply',
    shows: ['quoted', 'words', 'go on', 'deeper quote', 'reply'],
  },
  {
    name: 'markup left open',
    markdown:
      '**open and `tick and [link](http://exa and ~~struck and <b>tag and | cell &am\n\n- item\n\n```js\nlast(line)',
    shows: ['open and', 'tick and', 'link', 'struck and', 'tag and', 'cell', 'item', 'last(line)'],
  },
  {
    name: 'special characters',
    markdown:
      'a < b && c > d "q" \'s\' \\*no\\* 5 * 3 * 2 1_000_000 C:\\path\\to $x$ #tag !bang {brace} Vec<T> <your name> a|b',
    shows: [
      'a < b && c > d',
      '"q"',
      '*no*',
      '5 * 3 * 2',
      '1_000_000',
      'C:\\path\\to',
      '$x$',
      '#tag',
      '{brace}',
      'Vec<T>',
      '<your name>',
      'a|b',
    ],
  },
  {
    name: 'Chinese, Japanese, Korean, Arabic and emoji',
    markdown: '**你好**，世界。「引用」、日本語の文章です。 한국어 문장。 مرحبا 👨‍👩‍👧‍👦 🇩🇪 👍🏽 é 𝒳',
    shows: ['你好', '世界', '「引用」', '日本語の文章です', '한국어 문장', 'مرحبا', '👨‍👩‍👧‍👦', '🇩🇪', '👍🏽', 'é', '𝒳'],
  },
  { name: '30,000 characters', markdown: paragraphs(LONG, 60), shows: LONG },
  {
    name: '30,000 characters in one paragraph',
    markdown: `**${LONG.slice(0, 5).join(' ')}** ${LONG.slice(5).join(' ')}`,
    shows: LONG,
  },
  { name: '30,000 characters of Chinese', markdown: HAN.join(''), shows: HAN.map((sentence) => sentence.slice(0, -3)) },
  {
    name: 'a long fence',
    markdown: `Code:\n\n${fence}python\n${LONG_CODE.map((name) => `  ${name}(a < b, "c & d")`).join('\n')}\n${fence}\n\nDone.`,
    shows: ['Code:', ...LONG_CODE, 'Done.'],
  },
  {
    name: 'a long table',
    markdown: `| Key | Value |\n|--|--|\n${ROWS.map((name) => `| ${name} | some value of it, **long** enough to fill |`).join('\n')}`,
    shows: ROWS,
  },
  { name: 'a word without end', markdown: `start ${'abcdefghij'.repeat(1500)} end`, shows: ['start', 'end'] },
];

/** Ways in which a model may be talked into notifying people. */
export const PINGS: [string, string][] = [
  '<!channel>',
  '<!here|here>',
  '<!everyone> **now**',
  '<!subteam^S012345|@team>',
  '<@U012345678> and <@W012345678|bob>',
  '<at id=all></at>',
  '<at id="ou_5ad573a6411d72b8305fda3a9c15c70e">Bob</at>',
  '<at user_id="all">everybody</at>',
  '<AT ids="all" ></AT>',
  '< at id=all></ at>',
  '<person id="ou_5ad573a6411d72b8305fda3a9c15c70e"></person>',
  '\\<at id=all>\\</at> \\<!channel>',
  '@alice_miller and @channel and @everyone and @all',
  '@**alice_miller** and **@al**ice_miller and @_alice_miller_',
  '&#64;alice_miller &lt;!channel&gt; &#60;at id=all&#62;&#60;/at&#62;',
  '[Bob](tg://user?id=5501001) and <a href="tg://user?id=5501001">Bob</a>',
  '[x](<tg://user?id=5501001>) ![x](tg://user?id=5501001) tg://user?id=5501001',
  '[<!channel>](https://example.com) [<at id=all></at>](https://example.com "<!here>")',
  '> # <!channel> <at id=all></at> @alice_miller',
  '| <!channel> | @alice_miller |\n|--|--|\n| <at id=all></at> | <@U012345678> |',
  '`<!channel>` and `<at id=all></at>` and `<@U012345678>`',
  '```\n<!channel>\n<at id=all></at>\n<@U012345678>\n```',
  '```<at id=all></at>\ncode\n```',
].map((markdown) => [markdown.replaceAll('\n', '⏎'), markdown]);
