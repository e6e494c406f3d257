import fc from 'fast-check';

/** Generators of the markdown that models write, for property tests. */

const word = fc.constantFrom(
  'alpha',
  'beta.',
  'a',
  'don’t',
  'x+y',
  '2',
  'Really?',
  'e.g.',
  '-',
  '1.',
  '#',
  'long-winded',
);
const cjk = fc.constantFrom('你好，世界。', '这是一个很长的句子', '「引用」', '日本語テキスト。', '한국어 문장');
const emoji = fc.constantFrom('👨‍👩‍👧‍👦', '🇩🇪🇫🇷', '👍🏽', 'é', '𝒳𝒴');
const span = fc.constantFrom(
  '**bold words here**',
  '*em*',
  '~~gone **both** x~~',
  '`code span`',
  '`` a ` b ``',
  '[a link](https://example.com/path?q=1)',
  '![image](https://example.com/i.png)',
  'https://example.com/a_b_c',
  '&amp;',
  '\\*',
  '<br>',
);
const halfOpen = fc.constantFrom('**', '`', '[', '[a](', '~~', '_', '<', '|', '```', '$', '\\');

function sentence(part: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(part, { minLength: 1, maxLength: 25 }).map((parts) => parts.join(' '));
}

const cleanText = sentence(fc.oneof({ weight: 5, arbitrary: word }, cjk, emoji, span));
const text = sentence(fc.oneof({ weight: 5, arbitrary: word }, cjk, emoji, span, halfOpen));

const code = fc
  .array(fc.constantFrom('const a = 1;', '', '  return x;', '\tgo()', '# comment', '- item', '中文', 'x'.repeat(90)), {
    maxLength: 20,
  })
  .map((lines) => lines.join('\n'));
export const fence = fc
  .tuple(fc.constantFrom('```', '````', '~~~'), fc.constantFrom('', 'ts', 'python', 'c++ title="x"'), code)
  .map(([marker, info, lines]) => `${marker}${info}\n${lines}\n${marker}`);

const cell = fc.constantFrom('a', 'two words', '`x`', '**b**', '中文', '', '1\\|2', 'a much longer cell with text');
export const table = fc.integer({ min: 1, max: 4 }).chain((columns) => {
  const row = fc.array(cell, { minLength: columns, maxLength: columns }).map((cells) => `| ${cells.join(' | ')} |`);
  const rule = `|${' --- |'.repeat(columns)}`;
  return fc.tuple(row, fc.array(row, { maxLength: 12 })).map(([head, rows]) => [head, rule, ...rows].join('\n'));
});

const heading = fc
  .tuple(fc.integer({ min: 1, max: 6 }), word)
  .map(([depth, title]) => `${'#'.repeat(depth)} Title ${title}`);

function indent(block: string, prefix: string): string {
  return block.replace(/\n(?!\n)/g, `\n${prefix}`);
}

function blocksOf(leaf: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { block } = fc.letrec<{ block: string }>((tie) => {
    const inner = fc.array(tie('block'), { minLength: 1, maxLength: 3 });
    const bullets = inner.map((items) => items.map((item) => `- ${indent(item, '  ')}`).join('\n'));
    const numbers = inner.map((items) => items.map((item, at) => `${at + 1}. ${indent(item, '   ')}`).join('\n\n'));
    const quote = inner.map((items) => items.join('\n\n').replace(/^/gm, '> '));
    return {
      block: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 3, arbitrary: leaf },
        fence,
        table,
        heading,
        fc.constant('---'),
        bullets,
        numbers,
        quote,
      ),
    };
  });
  return block;
}

function documentOf(leaf: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(blocksOf(leaf), { minLength: 1, maxLength: 8 }).map((blocks) => blocks.join('\n\n'));
}

/** Well-formed documents: every construct that opens also closes. */
export const cleanDocument = documentOf(cleanText);
/** Documents with markup left open anywhere. */
export const anyDocument = fc.oneof(documentOf(text), fc.string({ unit: 'grapheme', maxLength: 400 }));
/** Paragraphs only, so that cutting has nothing to repeat. */
export const proseDocument = fc
  .array(cleanText, { minLength: 1, maxLength: 6 })
  .map((paragraphs) => paragraphs.join('\n\n'));
