import { badRequest } from './error.ts';
import { parseHtml, sortEntities } from './html.ts';
import type { Entity } from './types.ts';

/** Counted in UTF-16 code units, the strictest reading of "4096 characters after entities parsing". */
const MAX_TEXT = 4096;

/** What Telegram finds by itself in any text: https://core.telegram.org/bots/api#messageentity */
const PATTERNS: [type: string, pattern: RegExp][] = [
  ['url', /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g],
  ['email', /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ['bot_command', /(?<![\w/@])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])/g],
  ['mention', /(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)/g],
  ['hashtag', /(?<![\w#])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/gu],
];

/** Finds entities in text as typed; those that overlap `taken` are left out. */
export function detectEntities(text: string, taken: readonly Entity[] = []): Entity[] {
  const found: Entity[] = [];
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length };
      if (![...taken, ...found].some((other) => overlaps(other, entity))) found.push(entity);
    }
  }
  return found;
}

/** The text and entities of an outgoing message, checked as the Bot API checks them. */
export function formatText(
  args: { text: unknown; parseMode: string | undefined; entities: unknown },
  options: { mayBeEmpty?: boolean } = {},
): { text: string; entities: Entity[] } {
  const source = typeof args.text === 'string' ? args.text : '';
  const { text, entities } = trim(parse(source, args.parseMode, args.entities));
  if (text === '' && !options.mayBeEmpty) throw badRequest('message text is empty');
  if (text.length > MAX_TEXT) throw badRequest('message is too long');
  const blocking = entities.filter((entity) => ['code', 'pre', 'text_link'].includes(entity.type));
  return { text, entities: sortEntities([...entities, ...detectEntities(text, blocking)]) };
}

function parse(text: string, parseMode: string | undefined, entities: unknown): { text: string; entities: Entity[] } {
  switch (parseMode?.toLowerCase()) {
    case 'html':
      return parseHtml(text);
    case undefined:
    case '':
      return { text, entities: Array.isArray(entities) ? entities.filter(isEntity) : [] };
    default:
      // Markdown modes are not played: a test that sends one should say so loudly.
      throw badRequest('unsupported parse_mode');
  }
}

/** Telegram removes white space around a message and moves the entities along. */
function trim({ text, entities }: { text: string; entities: Entity[] }): { text: string; entities: Entity[] } {
  const trimmed = text.trim();
  const shift = text.length - text.trimStart().length;
  const moved = entities.flatMap((entity) => {
    const start = Math.max(entity.offset - shift, 0);
    const end = Math.min(entity.offset + entity.length - shift, trimmed.length);
    return end > start ? [{ ...entity, offset: start, length: end - start }] : [];
  });
  return { text: trimmed, entities: moved };
}

function overlaps(left: Entity, right: Entity): boolean {
  return left.offset < right.offset + right.length && right.offset < left.offset + left.length;
}

function isEntity(value: unknown): value is Entity {
  if (value === null || typeof value !== 'object') return false;
  return 'type' in value && 'offset' in value && 'length' in value;
}
