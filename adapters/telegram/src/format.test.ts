import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from './escape.ts';
import { formatPreview, formatReply } from './format.ts';
import { renderHtml } from './html.ts';

function html(markdown: string): string {
  const parts = formatReply(markdown);
  expect(parts).toHaveLength(1);
  return String(parts[0]?.payload.text);
}

describe('formatReply', () => {
  it('makes a message that sendMessage takes', () => {
    expect(formatReply('**hi** there')).toEqual([
      {
        payload: { text: '<b>hi</b> there', parse_mode: 'HTML', link_preview_options: { is_disabled: true } },
        plain: 'hi there',
      },
    ]);
  });

  it('takes no longer for a long run of empty lines in code', () => {
    // Looked at from each of its line ends, it would take minutes.
    const lines = '\n'.repeat(200_000);
    expect(renderHtml(`\`\`\`\na${lines}b\n\`\`\``)).toBe(`<pre>a${lines}b</pre>`);
  });

  it.each([
    [
      'emphasis',
      '**b** *i* _i_ ~~s~~ `c` ***bi***',
      '<b>b</b> <i>i</i> <i>i</i> <s>s</s> <code>c</code> <i><b>bi</b></i>',
    ],
    ['nested emphasis', '**a *b ~~c~~***', '<b>a <i>b <s>c</s></i></b>'],
    ['markup left open', '**open and `open', '**open and `open'],
    ['special characters', 'a < b && c > "d"', 'a &lt; b &amp;&amp; c &gt; &quot;d&quot;'],
    ['references', '&lt;x&gt; &amp; &#20320; &unknown;', '&lt;x&gt; &amp; 你 &amp;unknown;'],
    ['what every object has', '&valueOf; &toString;', '&amp;valueOf; &amp;toString;'],
    ['code as it is', '`&lt; <b>`', '<code>&amp;lt; &lt;b&gt;</code>'],
    ['headings', '# One **two**\n\ntext', '<b>One two</b>\n\ntext'],
    ['line breaks', 'a  \nb\nc<br>d', 'a\nb\nc\nd'],
    ['a rule', 'a\n\n---\n\nb', 'a\n\n──────────\n\nb'],
    [
      'inline tags',
      '<u>a</u> <b>b</b> H<sub>2</sub>O <kbd>q</kbd>',
      '<u>a</u> <b>b</b> H&lt;sub&gt;2&lt;/sub&gt;O <code>q</code>',
    ],
    ['a tag left open', 'a <b>b', 'a &lt;b&gt;b'],
    ['crossed tags', '<b><i>x</b></i>', '<b>&lt;i&gt;x</b>&lt;/i&gt;'],
    ['a tag across emphasis', '<b>a *x</b> y*', '&lt;b&gt;a <i>x&lt;/b&gt; y</i>'],
    ['tags with attributes', '<b onclick="x">a</b>', '&lt;b onclick=&quot;x&quot;&gt;a&lt;/b&gt;'],
    ['a block of HTML', '<div>\nhi\n</div>', '&lt;div&gt;\nhi\n&lt;/div&gt;'],
    [
      'code with a language',
      '```ts title=a\nif (a<b) {}\n\n\n```',
      '<pre><code class="language-ts">if (a&lt;b) {}</code></pre>',
    ],
    ['code without one', '```\n**x**\n```', '<pre>**x**</pre>'],
    ['a strange language', '```"><script>\nx\n```', '<pre>x</pre>'],
    ['links', '[a **b**](https://x.org/?q="1"&r=2)', '<a href="https://x.org/?q=&quot;1&quot;&amp;r=2">a <b>b</b></a>'],
    [
      'other links',
      '[t](tg://resolve?domain=x) [m](mailto:a@b.c)',
      '<a href="tg://resolve?domain=x">t</a> <a href="mailto:a@b.c">m</a>',
    ],
    ['names', '@ann and @**bo**b a@b.c', '@\u200bann and @\u200b<b>bo</b>b a@b.c'],
    ['names in code', '`@ann`\n```\n@ann\n```', '<code>@ann</code>\n\n<pre>@ann</pre>'],
    [
      'names in addresses',
      'https://x.org/@ann [@ann](https://x.org/@ann)',
      'https://x.org/@ann <a href="https://x.org/@ann">@\u200bann</a>',
    ],
    ['links that mention', '[Ann](tg://user?id=1) [Ann](TG://USER?id=1)', 'Ann Ann'],
    ['links nobody should follow', '[a](javascript:alert(1)) [b](data:text/html,x)', 'a b'],
    ['paths', '[readme](./README.md)', 'readme (./README.md)'],
    [
      'bare addresses',
      'see https://x.org/a?b=1&c=2 and <https://y.org>',
      'see https://x.org/a?b=1&amp;c=2 and https://y.org',
    ],
    ['images', '![chart](https://x.org/c.png)', '<a href="https://x.org/c.png">chart</a>'],
    ['quotes', '> a **b**\n> c', '<blockquote>a <b>b</b>\nc</blockquote>'],
    ['quotes in quotes', '> a\n>\n> > b\n> > c', '<blockquote>a\n\n&gt; b\n&gt; c</blockquote>'],
    ['lists', '- a\n- b\n  - c\n    - d\n      - e', '• a\n• b\n   ◦ c\n      ▪ d\n         ▪ e'],
    ['numbered lists', '3. a\n4. b\n   - c\n   continued', '3. a\n4. b\n   ◦ c\n      continued'],
    ['tasks', '- [ ] a\n- [x] b', '☐ a\n☑ b'],
    ['code in a list', '1. a\n   ```\n   x\n   ```\n2. b', '1. a\n<pre>x</pre>\n2. b'],
    ['a comment alone', '<!-- nothing -->', '&lt;!-- nothing --&gt;'],
  ])('renders %s', (_name, markdown, expected) => {
    expect(html(markdown)).toBe(expected);
  });

  it('aligns tables, wide characters too', () => {
    const table = '| Name | 数量 |\n|:--|--:|\n| 苹果 & co | 3 |\n| `b` | 120 |';
    expect(html(table)).toBe('<pre>Name      | 数量\n----------+-----\n苹果 &amp; co |    3\nb         |  120</pre>');
  });

  it('does not blow a table up for one long cell', () => {
    const rows = Array.from({ length: 20 }, (_, row) => `| ${row} | x |`).join('\n');
    const [part] = formatReply(`| a | b |\n|---|---|\n| ${'long '.repeat(100)} | y |\n${rows}`);
    expect(visibleText(String(part?.payload.text)).length).toBeLessThan(2000);
  });

  it('has nothing to send for nothing', () => {
    expect(formatReply('')).toEqual([]);
    expect(formatReply(' \n\n ')).toEqual([]);
  });

  it('takes 4096 units in one message and no more', () => {
    expect(formatReply('a'.repeat(4096))).toHaveLength(1);
    expect(formatReply('a'.repeat(4097))).toHaveLength(2);
    expect(formatReply('&'.repeat(4096))).toHaveLength(1);
    expect(formatReply(`${'**b** '.repeat(2047)}b`)).toHaveLength(1);
  });

  it('bounds the HTML itself', () => {
    const links = Array.from({ length: 400 }, (_, i) => `[l${i}](https://example.org/${'p'.repeat(200)})`).join(' ');
    const parts = formatReply(links);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(Buffer.byteLength(String(part.payload.text))).toBeLessThanOrEqual(30_000);
  });
});

/** Words that no markup changes, so that they can be looked for. */
const word = fc.stringMatching(/^[a-z]{4,12}$/);
const piece = fc.oneof(
  word,
  word.map((text) => `**${text}**`),
  word.map((text) => `*${text}*`),
  word.map((text) => `~~${text}~~`),
  word.map((text) => `\`${text}\``),
  word.map((text) => `[${text}](https://example.org/1)`),
  word.map((text) => `<u>${text}</u>`),
  fc.constantFrom('你好', '😀', '&', '<', '>', '"', '**', '`', '_', '~~', '<b>', '&amp;'),
);
const line = fc.array(piece, { minLength: 1, maxLength: 30 }).map((pieces) => pieces.join(' '));
const block = fc.oneof(
  { weight: 4, arbitrary: line },
  line.map((text) => `## ${text}`),
  fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => lines.map((text) => `- ${text}`).join('\n')),
  fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.map((text) => `> ${text}`).join('\n')),
  fc
    .array(line, { minLength: 1, maxLength: 40 })
    .map((lines) => `\`\`\`js\n${lines.join('\n').replaceAll('`', '')}\n\`\`\``),
  fc
    .array(word, { minLength: 2, maxLength: 40 })
    .map((cells) => `| a | b |\n|---|---|\n${cells.map((cell) => `| ${cell} | ${cell} |`).join('\n')}`),
);
const document = fc.array(block, { minLength: 1, maxLength: 40, size: 'max' }).map((blocks) => blocks.join('\n\n'));

describe('formatReply, whatever it is given', () => {
  it('gives valid parts within the limits', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(document, fc.string({ unit: 'binary', maxLength: 9000, size: 'max' })), (markdown) => {
        for (const { payload, plain } of formatReply(markdown)) {
          const text = String(payload.text);
          const visible = parseTelegramHtml(text);
          expect(visible.length).toBeLessThanOrEqual(4096);
          expect(visible.trim()).not.toBe('');
          expect(plain.length).toBeLessThanOrEqual(4096);
          expect(text.isWellFormed() && plain.isWellFormed()).toBe(true);
          expect(visibleText(text)).toBe(visible);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('keeps every word, in order', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(document, (markdown) => {
        const source = markdown.replace(/\]\([^)]*\)|```js|&amp;|<\/?[bu]>/g, ' ');
        const shown = formatReply(markdown)
          .map(({ payload }) => visibleText(String(payload.text)))
          .join('\n');
        let from = 0;
        for (const wanted of source.match(/[a-z]{4,}/g) ?? []) {
          const found = shown.indexOf(wanted, from);
          if (found < 0) expect.fail(`lost ${wanted} after ${shown.slice(Math.max(0, from - 20), from)}`);
          from = found + wanted.length;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('gives the same parts for the same text', () => {
    fc.assert(
      fc.property(document, (markdown) => {
        expect(formatReply(markdown)).toEqual(formatReply(markdown));
      }),
      { numRuns: 10 },
    );
  });
});

describe('formatPreview', () => {
  it('is the reply while that fits into one message', () => {
    for (const text of ['**hi** there', 'x'.repeat(4095), ''])
      expect(formatPreview(text)).toEqual(formatReply(text)[0]);
  });

  it('is the head of a longer one, valid and within the limits', () => {
    for (const block of [
      '# 标题\n\n**很长** & <more>',
      '> a `b` [c](https://d.example)',
      '| a | b |\n|---|---|\n| 字 | x |',
    ]) {
      const preview = formatPreview(`${block}\n\n`.repeat(900));
      expect(parseTelegramHtml(String(preview?.payload.text))).toMatch(/^.{500,4095}…$/s);
      expect(preview?.plain).toMatch(/^.{500,4095}…$/s);
    }
    const long = formatPreview(`\`\`\`js\n${'const a = "字";\n'.repeat(500)}\`\`\``);
    expect(long?.payload.text).toMatch(/^<pre>[\s\S]*<\/pre>…$/);
    expect(long?.plain).toMatch(/…$/);
  });
});

const TAG =
  /^<(?:(\/)?(b|i|u|s|code|pre|blockquote|a)|code class="language-[\w+#.-]+"|a href="(?:https?:\/\/|tg:\/\/|mailto:)[^"<>]*")>/;

/** Reads HTML as strictly as Telegram does, and gives what it shows. */
function parseTelegramHtml(source: string): string {
  const open: string[] = [];
  let shown = '';
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at, at + 4096);
    if (rest.startsWith('<')) {
      const tag = TAG.exec(source.slice(at))?.[0] ?? expect.fail(`bad tag at ${rest.slice(0, 40)}`);
      const name = /[a-z]+/.exec(tag)?.[0] ?? '';
      if (tag.startsWith('</')) expect(open.pop()).toBe(name);
      else open.push(name);
      at += tag.length;
    } else if (rest.startsWith('&')) {
      const entity = /^&(amp|lt|gt|quot);/.exec(rest)?.[0] ?? expect.fail(`bad entity at ${rest.slice(0, 40)}`);
      shown += { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }[entity];
      at += entity.length;
    } else {
      expect(rest[0]).not.toBe('>');
      shown += rest[0];
      at += 1;
    }
  }
  expect(open).toEqual([]);
  return shown;
}
