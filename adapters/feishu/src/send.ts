import { createHash } from 'node:crypto';
import type { Adapter, OutgoingPart, Receipt, ReplyTarget, SendOptions } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { isCardRefused, isTargetGone } from './errors.ts';

interface Body {
  msg_type: 'interactive' | 'text';
  content: string;
}

/**
 * Sends as cards and edits them. `uuid` makes a repeated send the same send for an hour
 * (https://open.feishu.cn/document/server-docs/im-v1/message/reply), so every other thing that is sent instead of the
 * first gets a `uuid` of its own, derived from the same key: a retry goes the same ways and ends at the same message.
 */
export function createSender(client: Client): Required<Pick<Adapter, 'postMessage' | 'editMessage'>> {
  async function post(target: ReplyTarget, body: Body, uuid: string, signal: SendOptions['signal']): Promise<Receipt> {
    if (target.chat.kind === 'direct' && target.thread === undefined) return create(target, body, uuid, signal);
    try {
      return await reply(target, body, uuid, signal);
    } catch (error) {
      // The question was withdrawn meanwhile: the answer still belongs in the chat, where others may wait for it.
      if (!isTargetGone(error)) throw error;
      return create(target, body, derived(uuid, 'create'), signal);
    }
  }

  async function create(target: ReplyTarget, body: Body, uuid: string, signal: SendOptions['signal']) {
    const answer = await client.call(
      'im.message.create',
      (lark) =>
        lark.im.message.create({
          params: { receive_id_type: 'chat_id' },
          data: { receive_id: target.chat.id, ...body, uuid },
        }),
      signal,
    );
    return receiptOf('im.message.create', answer.data);
  }

  async function reply(target: ReplyTarget, body: Body, uuid: string, signal: SendOptions['signal']) {
    const answer = await client.call(
      'im.message.reply',
      (lark) =>
        lark.im.message.reply({
          path: { message_id: encodeURIComponent(target.messageId) },
          data: { ...body, reply_in_thread: target.thread !== undefined, uuid },
        }),
      signal,
    );
    return receiptOf('im.message.reply', answer.data);
  }

  return {
    async postMessage(target, part, { idempotencyKey, signal }) {
      try {
        return await post(target, card(part), idempotencyKey, signal);
      } catch (error) {
        if (!isCardRefused(error)) throw error;
        return await post(target, text(part), derived(idempotencyKey, 'text'), signal);
      }
    },

    async editMessage(_target, receipt, part, { signal }) {
      const path = { message_id: encodeURIComponent(receipt.messageId) };
      try {
        const data = { content: card(part).content };
        await client.call('im.message.patch', (lark) => lark.im.message.patch({ path, data }), signal);
      } catch (error) {
        // It was sent as text, because Feishu took no card: a text is changed by another method.
        if (!isCardRefused(error)) throw error;
        await client.call('im.message.update', (lark) => lark.im.message.update({ path, data: text(part) }), signal);
      }
    },
  };
}

function card(part: OutgoingPart): Body {
  return { msg_type: 'interactive', content: JSON.stringify(part.payload) };
}

function text(part: OutgoingPart): Body {
  return { msg_type: 'text', content: JSON.stringify({ text: part.plain }) };
}

interface SentMessage {
  message_id?: string | undefined;
  thread_id?: string | undefined;
}

/** At most 50 characters, as Feishu wants it, and never the same for two keys. */
function derived(key: string, what: string): string {
  return createHash('sha256').update(`${key}:${what}`).digest('base64url');
}

function receiptOf(operation: string, data: SentMessage | undefined): Receipt {
  if (!data?.message_id) {
    throw new ParleyError('platform_unavailable', `${operation}: the answer names no message`, {
      outcomeUnknown: true,
    });
  }
  return { messageId: data.message_id, refs: [data.message_id] };
}
