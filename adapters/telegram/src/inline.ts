import type { MarkdownToken } from '@parley/core/markdown';
import { escapeHtml } from './escape.ts';

interface Style {
  /** Already bold, as in a heading. */
  bold?: boolean;
  /** Links do not nest. */
  linked?: boolean;
}

/** The inline tokens of a paragraph, heading or cell as Telegram HTML. */
export function renderInline(tokens: MarkdownToken[], style: Style = {}): string {
  let html = '';
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as MarkdownToken;
    const end = token.type === 'html' ? closingIndex(tokens, index) : -1;
    if (end > 0) {
      html += wrap(TAGS[tagName(token)] ?? 'i', renderInline(tokens.slice(index + 1, end), style));
      index = end;
    } else {
      html += renderToken(token, style);
    }
  }
  return html;
}

/** Tokens inside a token; absent for those that hold text only. */
export function childrenOf(token: MarkdownToken): MarkdownToken[] | undefined {
  return 'tokens' in token ? token.tokens : undefined;
}

/** HTML that is none of Telegram's is shown as written, but for line breaks and comments, which nobody means to show. */
export function renderTags(raw: string): string {
  return escapeHtml(raw.replace(/<br\s*\/?>/gi, '\n').replace(/<!--[\s\S]*?-->/g, ''));
}

function renderToken(token: MarkdownToken, style: Style): string {
  switch (token.type) {
    case 'strong':
      return style.bold ? inner(token, style) : wrap('b', inner(token, { ...style, bold: true }));
    case 'em':
      return wrap('i', inner(token, style));
    case 'del':
      return wrap('s', inner(token, style));
    case 'codespan':
      return wrap('code', escapeHtml(String(token.text)));
    case 'br':
      return '\n';
    case 'checkbox':
      return '';
    case 'link':
    case 'image':
      return renderLink(token, style);
    case 'html':
      return renderTags(token.raw);
    case 'escape':
      return escapeHtml(String(token.text));
    default:
      return inner(token, style);
  }
}

function inner(token: MarkdownToken, style: Style): string {
  const children = childrenOf(token);
  if (children) return renderInline(children, style);
  return escapeHtml(decodeEntities('text' in token ? String(token.text) : token.raw));
}

function wrap(tag: string, html: string): string {
  return html === '' ? '' : `<${tag}>${html}</${tag}>`;
}

/**
 * Links of other schemes do not work in Telegram, and some (`javascript:`) nobody should be led to. A link to
 * `tg://user?id=…` is a mention, which notifies that person.
 */
const LINKABLE = /^(?:https?:\/\/|tg:\/\/(?!user\b)|mailto:)/i;

function renderLink(token: MarkdownToken, style: Style): string {
  const href = String('href' in token ? token.href : '');
  const label = renderInline(childrenOf(token) ?? [], { ...style, linked: true }) || escapeHtml(href);
  // Telegram finds addresses in the text by itself.
  if (style.linked || label === escapeHtml(href) || ('autolink' in token && token.autolink)) return label;
  if (LINKABLE.test(href)) return `<a href="${escapeHtml(href)}">${label}</a>`;
  const isPath = href !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(href);
  return isPath ? `${label} (${escapeHtml(href)})` : label;
}

/** Tags that models write into markdown because markdown lacks them, and what they are in Telegram. */
const TAGS: Record<string, string> = {
  b: 'b',
  strong: 'b',
  i: 'i',
  em: 'i',
  u: 'u',
  ins: 'u',
  s: 's',
  del: 's',
  strike: 's',
  code: 'code',
  kbd: 'code',
};

/** Name of the plain opening tag this token is; empty for everything else. */
function tagName(token: MarkdownToken): string {
  return /^<([a-z]+)>$/i.exec(token.raw)?.[1]?.toLowerCase() ?? '';
}

/** Where the tag opened at `index` is closed among its siblings, or -1: a tag left open is shown as it was written. */
function closingIndex(tokens: MarkdownToken[], index: number): number {
  const name = tagName(tokens[index] as MarkdownToken);
  if (!Object.hasOwn(TAGS, name)) return -1;
  let open = 0;
  for (let at = index; at < tokens.length; at++) {
    const token = tokens[at] as MarkdownToken;
    if (token.type !== 'html') continue;
    if (tagName(token) === name) open++;
    else if (token.raw.toLowerCase() === `</${name}>` && --open === 0) return at;
  }
  return -1;
}

const ENTITIES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }));

/** Marked leaves references such as `&lt;` in its text tokens as they were written. */
function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES.get(name) ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    const isText = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isText ? String.fromCodePoint(code) : whole;
  });
}
