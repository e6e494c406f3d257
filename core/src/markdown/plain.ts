import type { Tokens } from 'marked';
import { lexMarkdown, type MarkdownToken } from './lex.ts';

/**
 * Markdown as plain text that reads well without any rendering: links as `text (url)`, code as it is, lists with `-` or
 * their numbers, table rows as `a | b`. For platforms that refused the markup, for logs and for search.
 */
export function plainText(markdown: string): string {
  return blocks(lexMarkdown(markdown)).trim();
}

/** Blocks below each other, with a blank line between two exactly where the author left one. */
function blocks(tokens: MarkdownToken[]): string {
  let text = '';
  let newlines = 0;
  for (const token of tokens) {
    const own = block(token);
    if (own.trim() !== '') {
      text += text === '' ? own : (newlines > 1 ? '\n\n' : '\n') + own;
      newlines = 0;
    }
    newlines += trailingNewlines(token.raw);
  }
  return text;
}

function trailingNewlines(raw: string): number {
  return raw.slice(raw.trimEnd().length).split('\n').length - 1;
}

function block(token: MarkdownToken): string {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return '';
    case 'hr':
      return '---';
    case 'code':
      return (token as Tokens.Code).text.replace(/\n$/, '');
    case 'blockquote':
      return prefixLines(blocks((token as Tokens.Blockquote).tokens), '> ', '> ');
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'html':
      return html((token as Tokens.HTML).text).trim();
    default:
      return inlineOf(token);
  }
}

function list(token: Tokens.List): string {
  const first = token.start === '' ? 1 : token.start;
  return token.items
    .map((item, index) => {
      const marker = token.ordered ? `${first + index}. ` : '- ';
      const box = item.task ? (item.checked ? '[x] ' : '[ ] ') : '';
      const gap = index > 0 && trailingNewlines(token.items[index - 1]?.raw ?? '') > 1 ? '\n' : '';
      return gap + prefixLines(box + blocks(item.tokens), marker, ' '.repeat(marker.length));
    })
    .join('\n');
}

function table(token: Tokens.Table): string {
  return [token.header, ...token.rows]
    .map((row) => row.map((cell) => inline(cell.tokens).replace(/(?<!\s)\s*\n\s*/g, ' ')).join(' | '))
    .join('\n');
}

function prefixLines(text: string, first: string, rest: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? first + line : line === '' ? rest.trimEnd() : rest + line))
    .join('\n');
}

function inlineOf(token: MarkdownToken): string {
  if ('tokens' in token && token.tokens) return inline(token.tokens);
  return 'text' in token ? String(token.text) : token.raw;
}

function inline(tokens: MarkdownToken[]): string {
  return tokens.map(span).join('');
}

function span(token: MarkdownToken): string {
  switch (token.type) {
    case 'br':
      return '\n';
    case 'checkbox':
      return '';
    case 'html':
      return html((token as Tokens.Tag).text);
    case 'link':
    case 'image':
      return link(token as Tokens.Link | Tokens.Image);
    case 'codespan':
      return (token as Tokens.Codespan).text;
    case 'text':
      return entities(inlineOf(token));
    default:
      return inlineOf(token);
  }
}

function link(token: Tokens.Link | Tokens.Image): string {
  const label = inline(token.tokens) || token.text;
  const address = token.href.replace(/^mailto:/, '');
  if (label === '') return address;
  return address === '' || label === address || label === token.raw ? label : `${label} (${token.href})`;
}

/** Tags that only format. Anything else in angle brackets (`Vec<T>`, `<your name>`) is text that people must see. */
const FORMATTING =
  /<\/?(?:b|i|u|s|p|em|strong|del|ins|code|pre|kbd|mark|small|sub|sup|span|div|font|center|details|summary|blockquote|[uo]l|li|h[1-6]|table|thead|tbody|t[rhd])(?:\s[^<>]*)?\/?>/gi;

function html(text: string): string {
  return withoutComments(text)
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(FORMATTING, '');
}

/** By hand: a regular expression takes quadratic time where comments open and never close. */
function withoutComments(text: string): string {
  let kept = '';
  let from = 0;
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', start + 4);
    if (end < 0) break;
    kept += text.slice(from, start);
    from = end + 3;
  }
  return kept + text.slice(from);
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function entities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
