import type { Command, Mention } from '@parley/core/message';
import type { BotIdentity } from './identity.ts';
import type { TelegramEntity } from './update.ts';

/** What a text says once Telegram's entities are read out of it. */
export interface ReadText {
  /** Without mentions of the bot and without the command. */
  text: string;
  command?: Command | undefined;
  /** The bot is named: `@bot`, a link to it, or `/command@bot`. */
  mentioned: boolean;
  mentions: Mention[];
  /** It is a command for another bot, by `/command@other_bot`. */
  forOtherBot: boolean;
}

/**
 * Reads mentions and the command of a text or caption. Only where an `@` stands in one of them is the bot's name needed.
 *
 * @param entities as Telegram gave them, offsets in UTF-16 code units
 */
export async function readText(source: string, entities: TelegramEntity[], bot: BotIdentity): Promise<ReadText> {
  const spans = entities
    .filter((entity) => READ_TYPES.has(entity.type))
    .map((entity) => ({ ...entity, text: source.slice(entity.offset, entity.offset + entity.length) }));
  const named = spans.some((span) => span.type !== 'text_mention' && span.text.includes('@'));
  const username = named ? (await bot.username()).toLowerCase() : '';

  const own = spans.filter(
    (span) =>
      (span.type === 'mention' && span.text.slice(1).toLowerCase() === username) ||
      (span.type === 'text_mention' && span.user?.id === bot.id),
  );
  const mentions = spans.filter((span) => !own.includes(span)).flatMap(toMention);
  const result = { mentioned: own.length > 0, mentions, forOtherBot: false };

  const first = spans.find((span) => span.type === 'bot_command');
  if (!first || without(source.slice(0, first.offset), own) !== '') return { ...result, text: without(source, own) };

  const [name = '', target] = first.text.toLowerCase().split('@');
  const end = first.offset + first.length;
  const args = without(source.slice(end), shift(own, end));
  if (target !== undefined && target !== username) return { ...result, text: args, forOtherBot: true };
  return { ...result, text: args, command: { name, args }, mentioned: result.mentioned || target !== undefined };
}

const READ_TYPES = new Set(['mention', 'text_mention', 'bot_command']);

interface Span {
  offset: number;
  length: number;
}

/** The text without these spans, trimmed, and without the double space or the leading comma that a cut leaves. */
function without(source: string, spans: Span[]): string {
  let text = '';
  let end = 0;
  for (const { offset, length } of [...spans].sort((a, b) => a.offset - b.offset)) {
    if (offset < end || offset >= source.length) continue;
    text += source.slice(end, offset);
    end = offset + length;
    const opens = text === '' || /\s$/.test(text);
    if (text.trim() === '') end += /^\s*[,:，：]?/.exec(source.slice(end))?.[0].length ?? 0;
    else if (source[end] === ',' || source[end] === '，') text = text.trimEnd();
    else if (opens && source[end] === ' ') end += 1;
  }
  return (text + source.slice(end)).trim();
}

/** The spans as they lie in the text that starts at `by`. */
function shift(spans: Span[], by: number): Span[] {
  return spans.filter(({ offset }) => offset >= by).map(({ offset, length }) => ({ offset: offset - by, length }));
}

function toMention(span: TelegramEntity & { text: string }): Mention[] {
  if (span.type === 'mention') return [{ id: span.text.toLowerCase(), name: span.text.slice(1) }];
  if (span.type === 'text_mention' && span.user) return [{ id: String(span.user.id), name: span.user.first_name }];
  return [];
}
