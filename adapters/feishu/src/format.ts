import type { OutgoingPart } from '@parley/core/adapter';
import { plainText, splitMarkdown } from '@parley/core/markdown';
import { toCardMarkdown, withoutPings } from './card.ts';

/** A request with a card may be 30 KB (30,720 bytes); what stands around the card in it needs less than the rest. */
export const MAX_CARD_BYTES = 30_000;
/** Feishu refuses a sixth table in a card (error 11310); people report three where cards are streamed. */
export const MAX_CARD_TABLES = 5;

/** The answer as cards (JSON 2.0), each within Feishu's limits, with the same words as a text message beside it. */
export function formatReply(markdown: string): OutgoingPart[] {
  return splitMarkdown(markdown, fits)
    .filter((chunk) => chunk.trim() !== '')
    .map((chunk) => ({
      payload: cardOf(toCardMarkdown(chunk).content),
      plain: withoutPings(plainText(chunk) || chunk.trim()),
    }));
}

/** The markdown of the card that shows the beginning of an unfinished answer: what `formatReply` would send first. */
export function previewOf(markdown: string): string {
  const [first] = splitMarkdown(markdown, fits).filter((chunk) => chunk.trim() !== '');
  return first === undefined ? '' : toCardMarkdown(first).content;
}

function fits(chunk: string): boolean {
  // Spares rendering what is too long in any case.
  if (chunk.length > MAX_CARD_BYTES) return false;
  const { content, tables } = toCardMarkdown(chunk);
  return tables <= MAX_CARD_TABLES && encodedBytes(cardOf(content)) <= MAX_CARD_BYTES;
}

/** The card travels as a JSON string inside the JSON of the request, so its quotes and line ends are escaped twice. */
export function encodedBytes(card: Record<string, unknown>): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(card)));
}

/** `content` as a card. */
export function cardOf(content: string): Record<string, unknown> {
  return {
    schema: '2.0',
    // Without it Feishu refuses to change the card later (im.message.patch).
    config: { update_multi: true },
    body: { elements: [{ tag: 'markdown', content }] },
  };
}
