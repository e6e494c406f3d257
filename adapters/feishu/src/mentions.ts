import type { Mention } from '@parley/core/message';
import type { FeishuMention } from './envelope.ts';

export interface ReadText {
  text: string;
  /** Everybody mentioned by name besides the bot. */
  others: Mention[];
  botMentioned: boolean;
}

const PLACEHOLDER = /[ \t]?@_(?:all|user_\d+)(?!\w)[ \t]?/g;

/**
 * Puts names where the text has placeholders and takes the bot's own mention out. `@_all` is meant for the people of a
 * group: it stays readable in the text and addresses no bot.
 */
export function readMentions(raw: string, mentions: FeishuMention[], botOpenId: string | undefined): ReadText {
  const byKey = new Map(mentions.map((mention) => [mention.key, mention]));
  const isBot = (mention: FeishuMention) => botOpenId !== undefined && mention.id?.open_id === botOpenId;

  const text = raw.replace(PLACEHOLDER, (match) => {
    const mention = byKey.get(match.trim());
    const before = /^\s/.exec(match)?.[0] ?? '';
    const after = /\s$/.exec(match)?.[0] ?? '';
    if (match.trim() === '@_all') return `${before}@${mention?.name ?? 'all'}${after}`;
    if (mention === undefined) return match;
    if (isBot(mention)) return before && after ? ' ' : '';
    return `${before}@${mention.name ?? 'user'}${after}`;
  });
  return { text: text.trim(), others: mentions.flatMap(toMention(isBot)), botMentioned: mentions.some(isBot) };
}

/** Whether only the bot's own id can tell what the mentions mean. People who are marked as people need no telling. */
export function needsIdentity(mentions: FeishuMention[]): boolean {
  return mentions.some(({ key, mentioned_type }) => key !== '@_all' && mentioned_type !== 'user');
}

function toMention(isBot: (mention: FeishuMention) => boolean): (mention: FeishuMention) => Mention[] {
  return (mention) => {
    const id = mention.id?.open_id ?? mention.id?.user_id ?? mention.id?.union_id;
    return id === undefined || mention.key === '@_all' || isBot(mention) ? [] : [{ id, name: mention.name }];
  };
}
