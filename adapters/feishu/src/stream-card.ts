import type { Card } from './messages.ts';

/** The component of the card that the answer is written into. */
export const ELEMENT_ID = 'answer';

/**
 * A card that shows text while it grows (https://open.feishu.cn/document/cardkit-v1/streaming-updates-openapi-overview).
 * It has no `summary`: Feishu's own "[Generating…]" stands in the list of chats, in each reader's language, and goes away
 * with the streaming mode; one of ours would stay.
 */
export function streamingCard(content: string): Card {
  return {
    schema: '2.0',
    config: {
      update_multi: true,
      streaming_mode: true,
      // The defaults differ from client to client. This is as fast as models write; `fast` shows at once what is left
      // of a text when the next one comes, so that readers never lag behind.
      streaming_config: { print_frequency_ms: { default: 50 }, print_step: { default: 4 }, print_strategy: 'fast' },
    },
    body: { elements: [{ tag: 'markdown', element_id: ELEMENT_ID, content }] },
  };
}

/** A card without any markup, for when Feishu does not take the markdown: a card cannot be edited into a text message. */
export function plainCard(text: string): Card {
  return {
    schema: '2.0',
    config: { update_multi: true },
    body: { elements: [{ tag: 'div', text: { tag: 'plain_text', content: text } }] },
  };
}

/**
 * What is left of an unfinished answer whose message cannot show the finished one, which then follows as a message of
 * its own: nobody shall take the fragment for the answer, and an ellipsis needs no translation.
 */
export const ABANDONED_CARD: Card = plainCard('…');
