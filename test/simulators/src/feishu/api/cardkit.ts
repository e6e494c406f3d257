import { findElement, isShared, isStreaming } from '../card.ts';
import type { CardEntity, CardStore } from '../card-store.ts';
import type { Display } from '../display.ts';
import { FeishuError, feishuError, invalidField, success } from '../errors.ts';
import { isObject, type JsonObject, parseObject, stringOf } from '../json.ts';
import type { Limits } from '../limits.ts';
import type { World } from '../world.ts';
import type { ApiCallContext, Route } from './router.ts';

export interface CardKitDeps {
  world: World;
  cards: CardStore;
  display: Display;
  limits: Limits;
  now: () => number;
}

const MAX_SEQUENCE = 2 ** 31 - 1;
const MAX_TEXT_LENGTH = 100_000;
const MAX_UUIDS = 10_000;

/** Card entities and streamed text. https://open.feishu.cn/document/cardkit-v1/feishu-card-resource-overview */
export function cardKitRoutes(deps: CardKitDeps): Route[] {
  const { cards, world, display, limits, now } = deps;

  /** Runs one operation on a card. A refused one changes nothing and leaves its sequence number free. */
  function operate(call: ApiCallContext, change: (entity: CardEntity) => void) {
    const entity = cards.get(call.params.card_id ?? '');
    const { sequence } = call.body;
    const uuid = stringOf(call.body.uuid);
    if (sequence === undefined) throw invalidField('sequence', 'sequence is required');
    if (!Number.isInteger(sequence) || Number(sequence) > MAX_SEQUENCE) throw feishuError(10002);
    limits.card(entity.id);
    if (uuid !== undefined && entity.uuids.has(uuid)) throw feishuError(200770);
    if (Number(sequence) <= entity.sequence) throw feishuError(300317);
    change(entity);
    entity.sequence = Number(sequence);
    if (uuid !== undefined && entity.uuids.size < MAX_UUIDS) entity.uuids.add(uuid);
    const message = world.message(entity.messageId ?? '');
    // A message that got another card since does not show this one any more.
    if (message?.cardId === entity.id && !message.deleted) display.refresh(message, entity.card);
    return success({});
  }

  function requireStreaming(entity: CardEntity): void {
    if (entity.streamingUntil === undefined) throw feishuError(300309);
    if (now() <= entity.streamingUntil) return;
    // The first call after the automatic close hears of the timeout, later ones of a closed stream.
    cards.setStreaming(entity, false);
    throw feishuError(200850);
  }

  return [
    {
      at: 'POST /open-apis/cardkit/v1/cards',
      name: 'cardkit.card.create',
      run: (call) => success({ card_id: cards.create(readCardJson(call.body)).id }),
    },
    {
      at: 'PUT /open-apis/cardkit/v1/cards/:card_id',
      name: 'cardkit.card.update',
      run: (call) =>
        operate(call, (entity) => {
          if (!isObject(call.body.card)) throw invalidField('card', 'card is required');
          const card = readCardJson(call.body.card);
          if (!isShared(card)) throw feishuError(300302);
          cards.replace(entity, card);
          cards.setStreaming(entity, isStreaming(card));
        }),
    },
    {
      at: 'PATCH /open-apis/cardkit/v1/cards/:card_id/settings',
      name: 'cardkit.card.settings',
      run: (call) =>
        operate(call, (entity) => {
          const settings = parseObject(stringOf(call.body.settings) ?? '');
          if (settings === undefined) throw feishuError(10002);
          const config = { ...objectOf(entity.card.config), ...objectOf(settings.config) };
          const card = { ...entity.card, config };
          if (!isShared(card)) throw feishuError(300302);
          cards.replace(entity, card);
          if (objectOf(settings.config).streaming_mode !== undefined) cards.setStreaming(entity, isStreaming(card));
        }),
    },
    {
      at: 'PUT /open-apis/cardkit/v1/cards/:card_id/elements/:element_id/content',
      name: 'cardkit.cardElement.content',
      run: (call) =>
        operate(call, (entity) => {
          const content = stringOf(call.body.content) ?? '';
          if (content.length < 1 || content.length > MAX_TEXT_LENGTH) {
            throw invalidField('content', `the length must be between 1 and ${MAX_TEXT_LENGTH}`);
          }
          requireStreaming(entity);
          const card = structuredClone(entity.card);
          const element = findElement(card, call.params.element_id ?? '');
          if (element === undefined) {
            throw new FeishuError(300313, `ErrMsg: not find elementID : ${call.params.element_id}; `);
          }
          if (element.tag !== 'markdown' && element.tag !== 'plain_text') throw feishuError(300310);
          element.content = content;
          cards.replace(entity, card);
        }),
    },
  ];
}

/** The card of `{ type: 'card_json', data: '…' }`. */
function readCardJson({ type, data }: JsonObject): JsonObject {
  if (type !== 'card_json') throw invalidField('type', 'options: [card_json]');
  if (typeof data !== 'string' || data === '') throw feishuError(300307);
  const card = parseObject(data);
  if (card === undefined) throw feishuError(200220);
  return card;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
