import type { Client as Lark } from '@larksuiteoapi/node-sdk';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { isSequenceTaken } from './errors.ts';
import type { Card } from './messages.ts';
import type { Sequence } from './sequence.ts';
import { ELEMENT_ID } from './stream-card.ts';

/** A card that lives apart from the message which shows it: 14 days, ten operations a second, sent only once. */
export interface CardEntity {
  /** Replaces the text of the component that is written into; only while the stream is open. */
  write(content: string): Promise<void>;
  /** Replaces the whole card, stream or not. */
  replace(card: Card): Promise<void>;
  closeStream(): Promise<void>;
}

/** For one operation whose number is taken; each comes from a new block, so one more is nearly always enough. */
const MAX_TRIES = 3;

/** Makes a card; nobody sees it yet. Resolves with its id. Throws `platform_*` errors. */
export async function createCard(client: Client, card: Card, signal?: AbortSignal): Promise<string> {
  const data = { type: 'card_json', data: JSON.stringify(card) };
  const answer = await client.call('cardkit.card.create', (lark) => lark.cardkit.v1.card.create({ data }), signal);
  const id = answer.data?.card_id;
  if (!id) throw new ParleyError('platform_unavailable', 'cardkit.card.create: the answer names no card');
  return id;
}

/**
 * The operations on a card. Each one says the whole of what it is about and has a number above the last, so one whose
 * outcome is not known may simply be done again: should the lost one still arrive, Feishu refuses it for its number.
 * All of them throw `platform_*` errors.
 */
export function openCard(client: Client, cardId: string, numbers: Sequence, signal?: AbortSignal): CardEntity {
  const path = { card_id: encodeURIComponent(cardId) };

  async function operate(operation: string, run: (lark: Lark, sequence: number) => Promise<unknown>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const sequence = await numbers.next();
      try {
        await client.call(operation, (lark) => run(lark, sequence), signal);
        return;
      } catch (error) {
        if (!isSequenceTaken(error) || attempt >= MAX_TRIES) throw error;
        numbers.skip();
      }
    }
  }

  return {
    write: (content) =>
      operate('cardkit.cardElement.content', (lark, sequence) =>
        lark.cardkit.v1.cardElement.content({ path: { ...path, element_id: ELEMENT_ID }, data: { content, sequence } }),
      ),
    replace: (card) =>
      operate('cardkit.card.update', (lark, sequence) =>
        lark.cardkit.v1.card.update({
          path,
          data: { card: { type: 'card_json', data: JSON.stringify(card) }, sequence },
        }),
      ),
    closeStream: () =>
      operate('cardkit.card.settings', (lark, sequence) =>
        lark.cardkit.v1.card.settings({
          path,
          data: { settings: JSON.stringify({ config: { streaming_mode: false } }), sequence },
        }),
      ),
  };
}
