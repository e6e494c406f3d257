import { CardRefusal, checkCard, isStreaming, isV2, MAX_CARD_BYTES } from './card.ts';
import { feishuError } from './errors.ts';
import { newCardId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** A CardKit card: lives apart from the one message that shows it. */
export interface CardEntity {
  id: string;
  card: JsonObject;
  /** Sequence of the last operation that was accepted. */
  sequence: number;
  /** When streaming mode closes by itself (Unix ms); undefined while it is off. */
  streamingUntil: number | undefined;
  uuids: Set<string>;
  createdAt: number;
  /** The message that shows it. */
  messageId?: string;
}

export interface CardStore {
  create(card: JsonObject): CardEntity;
  /** Throws 200740 for an unknown card and 200750 for one older than 14 days. */
  get(id: string): CardEntity;
  find(id: string): CardEntity | undefined;
  /** Replaces the content; throws what CardKit answers for content it does not take, and then changes nothing. */
  replace(entity: CardEntity, card: JsonObject): void;
  setStreaming(entity: CardEntity, on: boolean): void;
}

const LIFE_MS = 14 * 24 * 60 * 60_000;
const STREAMING_MS = 10 * 60_000;
const MAX_CARDS = 10_000;

/** Makes the store of card entities; beyond 10,000 the oldest are forgotten. */
export function createCardStore(now: () => number): CardStore {
  const cards = new Map<string, CardEntity>();

  function setStreaming(entity: CardEntity, on: boolean): void {
    entity.streamingUntil = on ? now() + STREAMING_MS : undefined;
  }

  return {
    create(card) {
      check(card);
      const id = newCardId();
      const entity: CardEntity = {
        id,
        card,
        sequence: 0,
        streamingUntil: undefined,
        uuids: new Set(),
        createdAt: now(),
      };
      setStreaming(entity, isStreaming(card));
      cards.set(id, entity);
      if (cards.size > MAX_CARDS) cards.delete(cards.keys().next().value as string);
      return entity;
    },

    get(id) {
      const entity = cards.get(id);
      if (entity === undefined) throw feishuError(200740);
      if (now() - entity.createdAt > LIFE_MS) throw feishuError(200750);
      return entity;
    },

    find: (id) => cards.get(id),

    replace(entity, card) {
      check(card);
      entity.card = card;
    },

    setStreaming,
  };
}

/** CardKit's answers to a bad card differ from the message API's, except for too many tables. */
function check(card: JsonObject): void {
  if (!isV2(card)) throw feishuError(300303);
  if (Buffer.byteLength(JSON.stringify(card)) > MAX_CARD_BYTES) throw feishuError(200860);
  try {
    checkCard(card);
  } catch (error) {
    if (!(error instanceof CardRefusal)) throw error;
    if (error.subCode === 300301 || error.subCode === 300305) throw feishuError(error.subCode, error.message);
    if (error.subCode === 11310) throw cardFailure(error);
    throw feishuError(200220, error.message);
  }
}

/** 230099 around the reason, as the message API words it. */
export function cardFailure(refusal: CardRefusal): Error {
  return feishuError(230099, `Failed to create card content, ext=ErrCode: ${refusal.subCode}; ${refusal.message}`);
}
