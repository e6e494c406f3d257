import type { Mention } from '@parley/core/message';

export interface ReadText {
  /** What a person would read, without the bot's own mention. */
  text: string;
  /** Everybody mentioned but the bot, each once, in order. */
  mentions: Mention[];
  mentionsBot: boolean;
}

/** `<…>`: a mention, a channel, a link or a special word. Typed angle brackets arrive as `&lt;` and `&gt;`. */
const CONTROL = /<([^<>]+)>/g;

/**
 * Turns Slack's mrkdwn, as events carry it, into plain readable text.
 *
 * @param botUserId this bot's user id; its mentions are cut out together with the space or colon that sets them off
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function readText(mrkdwn: string, botUserId: string | undefined): ReadText {
  const mentions = new Map<string, Mention>();
  let mentionsBot = false;
  let text = '';
  let end = 0;
  // `@bot: do it` is one way to address it: what sets the leading mention off goes with it.
  let afterLeadingMention = false;
  for (const match of mrkdwn.matchAll(CONTROL)) {
    const before = decode(mrkdwn.slice(end, match.index));
    const said = afterLeadingMention ? withoutSeparator(before) : before;
    end = match.index + match[0].length;
    const control = match[1] ?? '';
    const person = readMention(control);
    if (person !== undefined && person.id === botUserId) {
      mentionsBot = true;
      text += withoutTrailingSpace(said);
      afterLeadingMention = text.trim() === '';
      continue;
    }
    if (person !== undefined && !mentions.has(person.id)) mentions.set(person.id, person);
    text += said + decode(person === undefined ? readControl(control) : `@${person.name ?? person.id}`);
    afterLeadingMention = false;
  }
  const rest = decode(mrkdwn.slice(end));
  text += afterLeadingMention ? withoutSeparator(rest) : rest;
  return { text: text.trim(), mentions: [...mentions.values()], mentionsBot };
}

/** Ids of everybody that the text mentions, each once. */
export function mentionedIds(mrkdwn: string): string[] {
  const ids = new Set<string>();
  for (const match of mrkdwn.matchAll(CONTROL)) {
    const person = readMention(match[1] ?? '');
    if (person !== undefined) ids.add(person.id);
  }
  return [...ids];
}

function readMention(control: string): Mention | undefined {
  const match = /^@([A-Z0-9]+)(?:\|(.*))?$/.exec(control);
  if (match?.[1] === undefined) return undefined;
  const name = match[2]?.replace(/^@/, '');
  return name ? { id: match[1], name } : { id: match[1] };
}

/** Everything in angle brackets but people: `#C…|name`, `!here`, `!subteam^S…|@team`, `!date^…|fallback`, links. */
function readControl(control: string): string {
  const bar = control.indexOf('|');
  const target = bar < 0 ? control : control.slice(0, bar);
  const label = bar < 0 ? '' : control.slice(bar + 1);
  if (target.startsWith('#')) return `#${label || target.slice(1)}`;
  if (target.startsWith('!')) return label || `@${target.slice(1).replace(/^subteam\^/, '')}`;
  const address = target.replace(/^(?:mailto|tel):/, '');
  if (label === '' || label === address || label === target) return address;
  // A bare domain gets its scheme from Slack: `<http://example.com|example.com>` was typed as `example.com`.
  if (target.replace(/^https?:\/\//, '').replace(/\/$/, '') === label) return label;
  return `${label} (${address})`;
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** A colon counts only before a space: `:smile:` may follow the mention directly. */
function withoutSeparator(text: string): string {
  return text.replace(/^(?:[,，：]|:(?=\s|$))/u, '');
}

function withoutTrailingSpace(text: string): string {
  let length = text.length;
  while (text[length - 1] === ' ' || text[length - 1] === '\t') length -= 1;
  return text.slice(0, length);
}
