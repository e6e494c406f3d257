import { createHash } from 'node:crypto';
import type { Receipt, ReplyTarget } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { isTargetGone } from './errors.ts';

/** A card by itself, or `{type: 'card', data: {card_id}}` for one that was made by CardKit. */
export type Card = Record<string, unknown>;

export interface Body {
  msg_type: 'interactive' | 'text';
  content: string;
}

/** The bot's messages. All methods throw `platform_*` errors. */
export interface Messages {
  /** Sends to where `target` says; the same `uuid` within an hour is the same message. */
  post(target: ReplyTarget, body: Body, uuid: string, signal?: AbortSignal): Promise<Receipt>;
  /** Puts another card in the place of a card. */
  patch(messageId: string, card: Card, signal?: AbortSignal): Promise<void>;
  /** Puts another text in the place of a text. */
  update(messageId: string, text: string, signal?: AbortSignal): Promise<void>;
}

/**
 * `uuid` makes a repeated send the same send for an hour
 * (https://open.feishu.cn/document/server-docs/im-v1/message/reply), so every other thing that is sent instead of the
 * first gets a `uuid` of its own, derived from the same key: a retry goes the same ways and ends at the same message.
 */
export function createMessages(client: Client): Messages {
  async function create(target: ReplyTarget, body: Body, uuid: string, signal?: AbortSignal): Promise<Receipt> {
    const operation = 'im.message.create';
    const path = `${MESSAGES_PATH}?receive_id_type=chat_id`;
    const data = { receive_id: target.chat.id, ...body, uuid };
    return receiptOf(operation, await client.send({ operation, method: 'POST', path, data, signal }));
  }

  async function reply(target: ReplyTarget, body: Body, uuid: string, signal?: AbortSignal): Promise<Receipt> {
    const operation = 'im.message.reply';
    const path = `${messagePath(target.messageId)}/reply`;
    const data = { ...body, reply_in_thread: target.thread !== undefined, uuid };
    return receiptOf(operation, await client.send({ operation, method: 'POST', path, data, signal }));
  }

  return {
    async post(target, body, uuid, signal) {
      if (target.chat.kind === 'direct' && target.thread === undefined) return create(target, body, uuid, signal);
      try {
        return await reply(target, body, uuid, signal);
      } catch (error) {
        // The question was withdrawn meanwhile: the answer still belongs in the chat, where others may wait for it.
        if (!isTargetGone(error)) throw error;
        return create(target, body, derivedKey(uuid, 'create'), signal);
      }
    },

    async patch(messageId, card, signal) {
      const path = { message_id: encodeURIComponent(messageId) };
      const { content } = cardBody(card);
      await client.call('im.message.patch', (lark) => lark.im.message.patch({ path, data: { content } }), signal);
    },

    async update(messageId, text, signal) {
      const path = { message_id: encodeURIComponent(messageId) };
      const data = textBody(text);
      await client.call('im.message.update', (lark) => lark.im.message.update({ path, data }), signal);
    },
  };
}

const MESSAGES_PATH = '/open-apis/im/v1/messages';

export function messagePath(messageId: string): string {
  return `${MESSAGES_PATH}/${encodeURIComponent(messageId)}`;
}

export function cardBody(card: Card): Body {
  return { msg_type: 'interactive', content: JSON.stringify(card) };
}

export function textBody(text: string): Body {
  return { msg_type: 'text', content: JSON.stringify({ text }) };
}

/** At most 50 characters, as Feishu wants it, and never the same for two keys. */
export function derivedKey(key: string, what: string): string {
  return createHash('sha256').update(`${key}:${what}`).digest('base64url');
}

interface SentMessage {
  message_id?: string | undefined;
}

function receiptOf(operation: string, data: SentMessage | undefined): Receipt {
  if (!data?.message_id) {
    throw new ParleyError('platform_unavailable', `${operation}: the answer names no message`, {
      outcomeUnknown: true,
    });
  }
  return { messageId: data.message_id, refs: [data.message_id] };
}
