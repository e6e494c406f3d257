import { lexMarkdown, type MarkdownToken } from '@parley/core/markdown';
import { escapeHtml } from './escape.ts';
import { childrenOf, renderInline, renderTags } from './inline.ts';
import { renderTable } from './table.ts';

/** Markdown in the subset of HTML that Telegram knows. Always balanced, and everything else in it is escaped. */
export function renderHtml(markdown: string): string {
  return renderBlocks(lexMarkdown(markdown), { indent: '', depth: 0, quoted: false }).trim();
}

interface Place {
  /** What every line but the first of a block starts with. */
  indent: string;
  /** How many lists this stands in. */
  depth: number;
  /** Inside a quote already: Telegram does not nest them. */
  quoted: boolean;
}

type TokenOf<T extends string> = Extract<MarkdownToken, { type: T }>;

function renderBlocks(tokens: MarkdownToken[], place: Place, separator = '\n\n'): string {
  return tokens
    .map((token) => renderBlock(token, place))
    .filter((html) => html.trim() !== '')
    .map((html, index) => (index === 0 || BOX.test(html) ? html : place.indent + html))
    .join(separator);
}

/** Clients start these on a line of their own: spaces before them would make an empty one. */
const BOX = /^<(?:pre|blockquote)>/;

function renderBlock(token: MarkdownToken, place: Place): string {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return '';
    case 'hr':
      return '──────────';
    case 'heading':
      return `<b>${indented(renderInline(childrenOf(token) ?? [], { bold: true }), place)}</b>`;
    case 'code':
      return renderCode(token as TokenOf<'code'>);
    case 'blockquote':
      return renderQuote(token as TokenOf<'blockquote'>, place);
    case 'list':
      return renderList(token as TokenOf<'list'>, place);
    case 'table':
      return renderTable(token as TokenOf<'table'>);
    case 'html':
      return indented(renderTags(token.raw.trim()), place);
    default:
      return indented(inlineOf(token), place);
  }
}

function inlineOf(token: MarkdownToken): string {
  const children = childrenOf(token);
  return children ? renderInline(children) : escapeHtml(token.raw);
}

function renderCode({ text, lang }: TokenOf<'code'>): string {
  const language = /^[\w+#.-]{1,32}/.exec(lang ?? '')?.[0];
  // Without the look back, a long run of empty lines in the middle would be tried from each of them.
  const code = escapeHtml(text.replace(/(?<!\n)\n+$/, ''));
  if (code.trim() === '') return '';
  return language ? `<pre><code class="language-${language}">${code}</code></pre>` : `<pre>${code}</pre>`;
}

function renderQuote({ tokens }: TokenOf<'blockquote'>, place: Place): string {
  const inner = renderBlocks(tokens, { ...place, quoted: true });
  if (inner === '') return '';
  return place.quoted ? `&gt; ${inner.replace(/\n/g, '\n&gt; ')}` : `<blockquote>${inner}</blockquote>`;
}

const BULLETS = ['•', '◦', '▪'];

function renderList({ items, ordered, start }: TokenOf<'list'>, place: Place): string {
  const first = start === '' ? 1 : start;
  const bullet = BULLETS[Math.min(place.depth, BULLETS.length - 1)];
  return items
    .map((item, index) => {
      const marker = ordered ? `${first + index}.` : bullet;
      const box = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
      const inside = { ...place, indent: `${place.indent}${' '.repeat(INDENT)}`, depth: place.depth + 1 };
      // A list item's blocks follow each other closely, as people expect of a list in a chat.
      return `${ordered || !item.task ? `${marker} ` : ''}${box}${renderBlocks(item.tokens, inside, '\n')}`;
    })
    .join(`\n${place.indent}`);
}

const INDENT = 3;

/** Inline HTML holds no `<pre>`, so its lines can be pushed in freely. */
function indented(html: string, { indent }: Place): string {
  return indent === '' ? html : html.replace(/\n[ \t]*/g, `\n${indent}`);
}
