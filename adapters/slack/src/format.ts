import type { OutgoingPart } from '@parley/core/adapter';
import { plainText, splitMarkdown } from '@parley/core/markdown';

/**
 * What one message holds: a markdown block takes 12,000 characters, and so do all of a message's markdown blocks
 * together, so it is one block a message. Counted as Slack stores text, with `&`, `<` and `>` as entities.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/markdown-block
 */
export const MARKDOWN_LIMIT = 12_000;

/** The model's markdown as messages with one markdown block each: Slack does the rendering. */
export function formatReply(markdown: string): OutgoingPart[] {
  if (markdown.trim() === '') return [];
  return splitMarkdown(withoutPings(markdown), (chunk) => storedLength(chunk) <= MARKDOWN_LIMIT).map((text) => ({
    payload: { blocks: [{ type: 'markdown', text }] },
    // Nothing but a comment, say, has no text: then the source is shown rather than nothing.
    plain: plainText(text) || text,
  }));
}

/** Escapes the three characters that Slack reads as control characters in `text`: nothing in it can ping or link. */
export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function storedLength(text: string): number {
  let length = text.length;
  for (const [character] of text.matchAll(/[&<>]/g)) length += (ESCAPES[character]?.length ?? 1) - 1;
  return length;
}

/**
 * `<!channel>`, `<@U…>` and their like notify people even from inside code, and a model can be talked into writing
 * them. A zero-width space breaks the sequence and is not seen; only Slack's own words are touched, so that
 * `<!DOCTYPE html>` can still be copied.
 */
function withoutPings(markdown: string): string {
  return markdown.replace(PING, '<\u200b');
}

/** User, bot, channel and team ids are upper case; `List<@NonNull T>` and the like are left alone. */
const PING = /<(?=!(?:here|channel|everyone|group|subteam\^|date\^)|[@#][A-Z][A-Z0-9]+[>|])/g;
