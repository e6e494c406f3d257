import type { MarkdownToken } from '@parley/core/markdown';
import { escapeHtml, visibleText } from './escape.ts';
import { renderInline } from './inline.ts';

type Table = Extract<MarkdownToken, { type: 'table' }>;
type Cell = Table['header'][number];
type Align = Table['align'][number];

/** A longer cell sticks out of its column instead of blowing up every other row, which Telegram's limit would feel. */
const MAX_COLUMN_WIDTH = 32;

/** Telegram has no tables: columns are aligned in a fixed-width block. Markup inside cells is dropped. */
export function renderTable({ header, rows, align }: Table): string {
  const lines = [header, ...rows].map((row) => row.map(cellText));
  const widths = header.map((_, column) =>
    Math.min(MAX_COLUMN_WIDTH, Math.max(1, ...lines.map((line) => displayWidth(line[column] ?? '')))),
  );
  const [head = '', ...body] = lines.map((line) =>
    widths
      .map((width, column) => pad(line[column] ?? '', width, align[column] ?? null))
      .join(' | ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return `<pre>${escapeHtml([head, rule, ...body].join('\n'))}</pre>`;
}

function cellText(cell: Cell): string {
  return visibleText(renderInline(cell.tokens)).replace(/\s+/g, ' ').trim();
}

function pad(text: string, width: number, align: Align): string {
  const missing = Math.max(0, width - displayWidth(text));
  if (align === 'right') return ' '.repeat(missing) + text;
  const left = align === 'center' ? Math.floor(missing / 2) : 0;
  return ' '.repeat(left) + text + ' '.repeat(missing - left);
}

/** Chinese, Japanese, Korean and full-width characters and emoji take two columns of a fixed-width font. */
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const ZERO = /\p{Mark}|\u200d/u;

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
