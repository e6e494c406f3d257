import type { OutgoingPart } from '@parley/core/adapter';
import { z } from 'zod';
import { escapeText } from './format.ts';

/** What is sent, besides its place. `text` is for notifications and screen readers when there are blocks. */
export interface Content {
  [key: string]: unknown;
  text: string;
  blocks: unknown;
}

/** A part as it should look, and without markup for when Slack refuses that. */
export interface Renderings {
  rich: Content;
  plain: Content;
}

/** `chat.update` refuses longer `text` (`msg_too_long`), where `chat.postMessage` takes 40,000 characters. */
const MAX_EDIT_TEXT = 4_000;
/** Even if every character is escaped it stays below that limit. */
const EXCERPT = 700;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION_TEXT = 3_000;

/** For `chat.postMessage` and response URLs. */
export function forPost(part: OutgoingPart): Renderings {
  return rendered(part, escapeText(part.plain), []);
}

/** For `chat.update`: long text stands in blocks alone, with an excerpt of it as `text`. */
export function forEdit(part: OutgoingPart): Renderings {
  const text = escapeText(part.plain);
  if (text.length <= MAX_EDIT_TEXT) return rendered(part, text, []);
  const excerpt = escapeText(`${part.plain.slice(0, wholeCharacters(part.plain, EXCERPT))}…`);
  return rendered(part, excerpt, plainSections(part.plain));
}

/** The markdown that a part shows; undefined when it is not made of the one block that `formatReply` makes. */
export function markdownOf(part: OutgoingPart): string | undefined {
  return payload.safeParse(part.payload).data?.blocks[0].text;
}

const payload = z.object({ blocks: z.tuple([z.object({ type: z.literal('markdown'), text: z.string() })]) });

/** The greatest length up to `length` that does not cut a surrogate pair: half of one is sent as a question mark. */
export function wholeCharacters(text: string, length: number): number {
  const code = text.charCodeAt(length - 1);
  return length < text.length && code >= 0xd800 && code <= 0xdbff ? length - 1 : length;
}

/** An empty list of blocks takes away those of a message that is being edited. */
function rendered(part: OutgoingPart, text: string, plainBlocks: unknown[]): Renderings {
  return {
    rich: { text, blocks: part.payload.blocks },
    plain: { text, blocks: plainBlocks, mrkdwn: false },
  };
}

/** Sections of plain text, cut at the ends of lines where there are any. */
function plainSections(text: string): unknown[] {
  const sections: unknown[] = [];
  for (let rest = text; rest !== ''; ) {
    const line = rest.length > MAX_SECTION_TEXT ? rest.lastIndexOf('\n', MAX_SECTION_TEXT) : -1;
    const end = line > 0 ? line : wholeCharacters(rest, MAX_SECTION_TEXT);
    const piece = rest.slice(0, end);
    sections.push({ type: 'section', text: { type: 'plain_text', text: piece, emoji: false } });
    rest = rest.slice(line > 0 ? end + 1 : end);
  }
  return sections;
}
