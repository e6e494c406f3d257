import type { OutgoingPart } from '@parley/core/adapter';
import { plainText, splitMarkdown } from '@parley/core/markdown';
import { escapeHtml, visibleText, withoutPings } from './escape.ts';
import { renderHtml } from './html.ts';

/** `sendMessage` takes "1-4096 characters after entities parsing"; UTF-16 units are the strictest way to count them. */
const MAX_VISIBLE_UNITS = 4096;
/** The Bot API cuts a text at 35,000 bytes before it reads the tags; links may be long and a unit is up to 3 bytes. */
const MAX_HTML_BYTES = 30_000;

/**
 * Markdown as Telegram HTML messages (https://core.telegram.org/bots/api#html-style), each within the limits and valid
 * on its own. HTML, not MarkdownV2: there one unescaped character makes the whole message fail. Nothing to say gives
 * no parts.
 */
export function formatReply(markdown: string): OutgoingPart[] {
  return toParts(markdown, MAX_VISIBLE_UNITS);
}

/** What one message can show of an answer that is still being written: all of it, or its head and `…`. */
export function formatPreview(markdown: string): OutgoingPart | undefined {
  const [head, more] = toParts(markdown, MAX_VISIBLE_UNITS - 1);
  if (!head || !more) return head;
  return { payload: { ...head.payload, text: `${head.payload.text}…` }, plain: `${head.plain}…` };
}

function toParts(markdown: string, maxUnits: number): OutgoingPart[] {
  const fits = (chunk: string): boolean => {
    const html = render(chunk);
    return asPlain(visibleText(html)).length <= maxUnits && Buffer.byteLength(html) <= MAX_HTML_BYTES;
  };
  return splitMarkdown(markdown.toWellFormed(), fits)
    .map((chunk) => toPart(chunk, maxUnits))
    .filter(hasText);
}

/** Markdown that shows nothing (a comment, link definitions) is sent as it was written: an answer is never silence. */
function render(chunk: string): string {
  return withoutPings(renderHtml(chunk) || escapeHtml(chunk.trim()), 'html');
}

/** A text without markup, in which Telegram looks for names even where code was. */
function asPlain(text: string): string {
  return withoutPings(text, 'plain');
}

function toPart(chunk: string, maxUnits: number): OutgoingPart {
  const text = render(chunk);
  const readable = asPlain(plainText(chunk));
  return {
    payload: { text, parse_mode: 'HTML', link_preview_options: { is_disabled: true } },
    // Addresses written out may make it longer than the rendered text, which fits for certain.
    plain: readable.trim() !== '' && readable.length <= maxUnits ? readable : asPlain(visibleText(text)),
  };
}

/** Telegram refuses a text of nothing but white space. */
function hasText(part: OutgoingPart): boolean {
  return part.plain.trim() !== '';
}
