import { badRequest } from './error.ts';
import type { Entity } from './types.ts';

/** Tags of https://core.telegram.org/bots/api#html-style and the entity each makes. */
const ENTITY_OF_TAG: Record<string, string> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  'tg-emoji': 'custom_emoji',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

interface OpenTag {
  name: string;
  attributes: Map<string, string>;
  offset: number;
}

/**
 * Parses `parse_mode: HTML` as strictly as the Bot API server does (TDLib's `parse_html`): unknown, unbalanced and unclosed
 * tags are refused with 400, naming the byte offset.
 */
export function parseHtml(html: string): { text: string; entities: Entity[] } {
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = '';
  let at = 0;

  while (at < html.length) {
    if (html[at] !== '<') {
      const end = html.indexOf('<', at);
      text += decodeEntities(html.slice(at, end < 0 ? html.length : end));
      at = end < 0 ? html.length : end;
    } else if (html[at + 1] === '/') {
      at = closeTag(html, at, open, (tag) => addEntity(entities, tag, text));
    } else {
      const { tag, end } = readStartTag(html, at);
      open.push({ ...tag, offset: text.length });
      at = end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw refuse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return { text, entities: sortEntities(entities) };
}

/** In the order the Bot API lists them: by offset, the longer one first. */
export function sortEntities(entities: Entity[]): Entity[] {
  return entities.sort((left, right) => left.offset - right.offset || right.length - left.length);
}

function readStartTag(html: string, start: number): { tag: Omit<OpenTag, 'offset'>; end: number } {
  const where = `at byte offset ${byteOffset(html, start)}`;
  const name = /^[^\s>]*/.exec(html.slice(start + 1))?.[0] ?? '';
  let at = start + 1 + name.length;
  if (at >= html.length) throw refuse(`Unclosed start tag ${where}`);
  const lower = name.toLowerCase();
  if (!(lower in ENTITY_OF_TAG)) throw refuse(`Unsupported start tag "${lower}" ${where}`);

  const attributes = new Map<string, string>();
  while (html[at] !== '>') {
    const attribute = /^\s+([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?/.exec(html.slice(at));
    if (attribute === null) {
      const space = /^\s+(?=>)/.exec(html.slice(at));
      if (space === null) throw refuse(`Unclosed start tag ${where}`);
      at += space[0].length;
      continue;
    }
    const [whole, key = '', value = ''] = attribute;
    attributes.set(key.toLowerCase(), decodeEntities(/^["']/.test(value) ? value.slice(1, -1) : value));
    at += whole.length;
  }
  if (lower === 'span' && attributes.get('class') !== 'tg-spoiler') {
    throw refuse(`Tag "span" must have class "tg-spoiler" ${where}`);
  }
  return { tag: { name: lower, attributes }, end: at + 1 };
}

function closeTag(html: string, start: number, open: OpenTag[], close: (tag: OpenTag) => void): number {
  const where = `at byte offset ${byteOffset(html, start)}`;
  const tag = open.pop();
  if (tag === undefined) throw refuse(`Unexpected end tag ${where}`);
  const end = /^<\/([^\s>]*)\s*>/.exec(html.slice(start));
  if (end === null) throw refuse(`Unclosed end tag ${where}`);
  const name = (end[1] ?? '').toLowerCase();
  if (name !== '' && name !== tag.name) {
    throw refuse(`Unmatched end tag ${where}, expected "</${tag.name}>", found "</${name}>"`);
  }
  close(tag);
  return start + end[0].length;
}

function addEntity(entities: Entity[], tag: OpenTag, text: string): void {
  const { name, attributes, offset } = tag;
  const length = text.length - offset;
  if (length === 0) return;
  const entity: Entity = { type: ENTITY_OF_TAG[name] ?? name, offset, length };
  if (name === 'a') {
    // A link without a target, or to nothing but its own text, is plain text.
    const url = attributes.get('href') ?? text.slice(offset);
    if (!/^(?:https?:\/\/|tg:\/\/|mailto:|tel:)|^[\w-]+(?:\.[\w-]+)+/i.test(url)) return;
    entity.url = url;
  }
  if (name === 'tg-emoji') entity.custom_emoji_id = attributes.get('emoji-id') ?? '';
  if (name === 'blockquote' && attributes.has('expandable')) entity.type = 'expandable_blockquote';
  if (name === 'code') {
    const language = /^language-(.+)$/.exec(attributes.get('class') ?? '')?.[1];
    if (language !== undefined) entity.language = language;
  }
  if (name === 'pre') mergeNestedCode(entities, entity);
  entities.push(entity);
}

/** `<pre><code class="language-x">` is one `pre` entity with a language. */
function mergeNestedCode(entities: Entity[], pre: Entity): void {
  const index = entities.findIndex((e) => e.type === 'code' && e.offset === pre.offset && e.length === pre.length);
  const [code] = index < 0 ? [] : entities.splice(index, 1);
  if (code?.language !== undefined) pre.language = code.language;
}

/** The four named entities Telegram knows, and numeric ones; everything else stands as written. */
function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot));?/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return { lt: '<', gt: '>', amp: '&', quot: '"' }[String(name).toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function byteOffset(html: string, index: number): number {
  return Buffer.byteLength(html.slice(0, index));
}

function refuse(reason: string): Error {
  return badRequest(`can't parse entities: ${reason}`);
}
