import { lexMarkdown, type MarkdownToken } from '@parley/core/markdown';

/**
 * Model markdown as the markdown of a Feishu card (JSON 2.0), rendered anew from its tokens so that nothing a model
 * writes is markup it was not meant to be:
 *
 * - `<` becomes `&#60;`: Feishu gives meaning to tags (`<at id=all></at>` pings the whole group). Only `<br>` stays live.
 * - Pictures become links: a card shows only pictures that were uploaded, and is refused for any other.
 * - Links other than http(s) and mailto become text: Feishu refuses some and opens its own client with others.
 * - Code is always fenced by backticks; task boxes become characters. Feishu knows neither `~~~` nor `[ ]`.
 *
 * https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/rich-text
 */
export function toCardMarkdown(markdown: string): CardMarkdown {
  const tokens = lexMarkdown(markdown);
  return { content: blocks(tokens).trim(), tables: tablesIn(tokens) };
}

export interface CardMarkdown {
  content: string;
  /** How many tables a card counts in it. */
  tables: number;
}

/** Takes the ping out of text in which `<` cannot be escaped (code, plain text messages), visibly changing nothing. */
export function withoutPings(text: string): string {
  return text.replace(/<(?=\s*(?:\/\s*)?at\b)/gi, `<${ZERO_WIDTH_SPACE}`);
}

const ZERO_WIDTH_SPACE = '\u200b';

type Of<T extends string> = Extract<MarkdownToken, { type: T }>;

/** Blocks below each other, apart from those of a tight list with a blank line between. */
function blocks(tokens: MarkdownToken[], tight = false): string {
  const rendered = tokens.map(block).filter((text) => text !== '');
  return rendered.join(tight ? '\n' : '\n\n');
}

function block(token: MarkdownToken): string {
  switch (token.type) {
    case 'space':
    case 'checkbox':
      return '';
    case 'hr':
      return '---';
    case 'heading':
      return `${'#'.repeat((token as Of<'heading'>).depth)} ${inlineOf(token).replace(/\n/g, ' ')}`;
    case 'code':
      return fence(token as Of<'code'>);
    case 'blockquote':
      return prefixLines(blocks((token as Of<'blockquote'>).tokens), '> ', '> ');
    case 'list':
      return list(token as Of<'list'>);
    case 'table':
      return table(token as Of<'table'>);
    default:
      return inlineOf(token);
  }
}

function fence({ text, lang }: Of<'code'>): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), (run) => run[0].length));
  const marks = '`'.repeat(longest + 1);
  const language = withoutPings((lang ?? '').replace(/[`\n]/g, ''));
  return `${marks}${language}\n${withoutPings(text.replace(/\n$/, ''))}\n${marks}`;
}

function list(token: Of<'list'>): string {
  const first = token.start === '' ? 1 : token.start;
  const items = token.items.map((item, index) => {
    const marker = token.ordered ? `${first + index}. ` : '- ';
    const box = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
    // Feishu takes four spaces for one level.
    return prefixLines(box + blocks(item.tokens, !item.loose), marker, ' '.repeat(Math.max(4, marker.length)));
  });
  return items.join('\n');
}

function table(token: Of<'table'>): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const aligns = token.align.map((align) => (align ? RULES[align] : '---'));
  const cells = (row: Of<'table'>['header']) => row.map((cell) => cellText(cell.tokens));
  return [row(cells(token.header)), row(aligns), ...token.rows.map((line) => row(cells(line)))].join('\n');
}

const RULES = { left: ':--', right: '--:', center: ':-:' };

function cellText(tokens: MarkdownToken[]): string {
  return (
    inline(tokens)
      // Without the look back, a long run of spaces would be tried from each of them.
      .replace(/(?<!\s)\s*\n\s*/g, '<br>')
      .replace(/(?<!\\)\|/g, '\\|')
  );
}

function prefixLines(text: string, first: string, rest: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, index) => (index === 0 ? first + line : line === '' ? rest.trimEnd() : rest + line))
    .join('\n');
}

function inlineOf(token: MarkdownToken): string {
  return 'tokens' in token && token.tokens ? inline(token.tokens) : escapeTags(token.raw.trimEnd());
}

function inline(tokens: MarkdownToken[]): string {
  let text = '';
  for (const token of tokens) {
    const next = span(token);
    // A picture's mark must not come into being where one was taken away: `Look!![cat](…)`.
    text += text.endsWith('!') && next.startsWith('[') ? ` ${next}` : next;
  }
  return text;
}

function span(token: MarkdownToken): string {
  switch (token.type) {
    case 'br':
      return '\n';
    case 'checkbox':
      return '';
    case 'strong':
      return `**${inlineOf(token)}**`;
    case 'em':
      return `*${inlineOf(token)}*`;
    case 'del':
      return `~~${inlineOf(token)}~~`;
    case 'codespan':
      return withoutPings(token.raw);
    case 'link':
    case 'image':
      return link(token as Of<'link'> | Of<'image'>);
    case 'text':
      return 'tokens' in token && token.tokens ? inline(token.tokens) : escapeTags(token.raw);
    default:
      return escapeTags(token.raw);
  }
}

function link(token: Of<'link'> | Of<'image'>): string {
  const alt = token.type === 'image' ? escapeTags(token.text) : inline(token.tokens);
  const address = token.href.replace(/</g, '%3C').replace(/>/g, '%3E').replace(/\s/g, '%20');
  const label = alt.replace(/\n/g, ' ').trim();
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return [label, `(${escapeTags(token.href)})`].join(' ').trim();
  return `[${label || address}](${address.replace(/\(/g, '%28').replace(/\)/g, '%29')})`;
}

/** A backslash before `<` is markdown's own way to say the same, and would be seen beside the entity. */
function escapeTags(text: string): string {
  return text.replace(/\\?<(?!br\s*\/?>)/gi, '&#60;').replace(/!\[/g, '!&#91;');
}

function tablesIn(tokens: MarkdownToken[]): number {
  let count = 0;
  for (const token of tokens) {
    if (token.type === 'table') count++;
    else if (token.type === 'list') count += tablesIn((token as Of<'list'>).items);
    else if ('tokens' in token && token.tokens) count += tablesIn(token.tokens);
  }
  return count;
}
