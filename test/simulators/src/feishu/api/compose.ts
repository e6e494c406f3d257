import { CardRefusal, checkCard } from '../card.ts';
import { type CardStore, cardFailure } from '../card-store.ts';
import { readContent } from '../content.ts';
import { newId } from '../ids.ts';
import { type JsonObject, stringOf } from '../json.ts';
import type { Mention, StoredMessage, World } from '../world.ts';
import type { ApiCallContext } from './router.ts';

/** What a bot's message shows. */
export interface BotContent {
  msgType: string;
  content: JsonObject;
  mentions: Mention[];
  cardId?: string | undefined;
}

/** Checks `msg_type` and `content` of a request; for cards the card they name or contain. */
export function readBotContent(
  { body, bodyBytes }: ApiCallContext,
  msgType: unknown,
  deps: { world: World; cards: CardStore },
): BotContent {
  const content = readContent(msgType, body.content, bodyBytes);
  const type = String(msgType);
  if (type === 'interactive') return { msgType: type, content, mentions: [], cardId: readCard(content, deps.cards) };
  if (type !== 'text') return { msgType: type, content, mentions: [] };
  return { msgType: type, ...liftMentions(stringOf(content.text) ?? '', deps.world) };
}

/** The id of the card entity in `content`; `undefined` when it is a card by itself. */
function readCard(content: JsonObject, cards: CardStore): string | undefined {
  try {
    if (content.type === 'template') {
      throw new CardRefusal(
        200380,
        'ErrMsg: template does not exist, please confirm whether this template has been released; ',
      );
    }
    if (content.type !== 'card') {
      checkCard(content);
      return undefined;
    }
    const cardId = stringOf((content.data as JsonObject | undefined)?.card_id) ?? '';
    const entity = cards.find(cardId);
    if (entity === undefined) throw new CardRefusal(11310, 'ErrMsg: cardid is invalid; ');
    if (entity.messageId !== undefined) throw new CardRefusal(200780, 'ErrMsg: card binding biz count over limit; ');
    return cardId;
  } catch (error) {
    throw error instanceof CardRefusal ? cardFailure(error) : error;
  }
}

/** Replaces `<at user_id="…">` by the keys under which mentions are listed. */
function liftMentions(text: string, world: World): { content: JsonObject; mentions: Mention[] } {
  const mentions: Mention[] = [];
  const lifted = text.replace(/<at\s+user_id="([^"]*)"\s*>.*?<\/at>/g, (_, openId: string) => {
    if (openId === 'all') return '@_all';
    const key = `@_user_${mentions.length + 1}`;
    mentions.push({ key, openId, name: world.nameOf(openId) });
    return key;
  });
  return { content: { text: lifted }, mentions };
}

/** A message with everything about it that does not depend on what it shows. */
export function newMessage(
  shown: BotContent,
  place: Pick<StoredMessage, 'chatId' | 'rootId' | 'parentId' | 'threadId'>,
  sender: StoredMessage['sender'],
  now: number,
): StoredMessage {
  return {
    id: newId('om'),
    ...place,
    ...shown,
    sender,
    createdAt: now,
    updatedAt: now,
    deleted: false,
    edits: 0,
    reactions: [],
    resources: new Map(),
  };
}
