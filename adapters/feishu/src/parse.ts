import type { InboundEvent } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { detectLanguage } from '@parley/core/i18n';
import type { Command, Message } from '@parley/core/message';
import { classify } from './classify.ts';
import { baseUrlOf } from './client.ts';
import { readContent } from './content.ts';
import { contextRefs, type Draft } from './draft.ts';
import { type ReceivedEvent, readEnvelope } from './envelope.ts';
import type { BotIdentity } from './identity.ts';
import { readLegacy } from './legacy.ts';
import { needsIdentity, readMentions } from './mentions.ts';

/** One decrypted event, from a webhook or a long connection, as the hub sees it. */
export type Parse = (body: Record<string, unknown>) => Promise<InboundEvent>;

/**
 * Throws `invalid_request` for what is no event, and `unavailable` when only the bot's id can tell whether a group
 * message is for it and Feishu does not say that id right now: Feishu then delivers the message again.
 */
export function createParse(channel: FeishuChannel, identity: BotIdentity): Parse {
  // Events say nothing of the person's language; feishu.cn is the mainland's, everything else Lark or a proxy.
  const locale = new URL(baseUrlOf(channel)).hostname.endsWith('feishu.cn') ? 'zh' : 'en';

  // Two bots in one group get the same message, and each has to answer for itself: hence the app in the keys.
  const app = channel.credentials.app_id;
  const messageKey = (id: string) => `feishu:${app}:message:${id}`;

  return async (body) => {
    const envelope = readEnvelope(body);
    const classified = classify(envelope, identity.known());
    if (classified.kind === 'ignored') return classified;
    if (classified.kind === 'recalled') {
      const { message_id, chat_id } = classified.event;
      // The event does not say what kind of chat it is, and nothing that becomes of a deletion depends on it.
      return { kind: 'deleted', key: messageKey(message_id), chat: { id: chat_id, kind: 'group' } };
    }

    const draft =
      classified.kind === 'legacy' ? readLegacy(classified.event) : await readReceived(classified.event, identity);
    const command = readCommand(draft.text);

    const message: Message = {
      ...draft,
      text: command ? command.args : draft.text,
      command,
      language: detectLanguage(draft.text, locale),
      sentAt: draft.sentAt || envelope.createdAt,
    };
    return {
      kind: 'message',
      message,
      // One message may come as two events (both schemas subscribed, or a redelivery under a new event id).
      dedupeKeys: [`feishu:${app}:event:${envelope.eventId}`, messageKey(message.id)],
    };
  };
}

async function readReceived({ sender, message }: ReceivedEvent, identity: BotIdentity): Promise<Draft> {
  const senderId = sender.sender_id?.open_id ?? sender.sender_id?.user_id ?? sender.sender_id?.union_id;
  if (senderId === undefined) throw new ParleyError('invalid_request', 'not an event of Feishu: sender.sender_id');
  const kind = message.chat_type === 'p2p' ? 'direct' : 'group';
  const bot = needsIdentity(message.mentions) ? await botOpenId(identity, kind) : identity.known();

  const content = readContent(message.message_type, message.content);
  const { text, others, botMentioned } = readMentions(content.text, message.mentions, bot);
  return {
    id: message.message_id,
    chat: { id: message.chat_id, kind },
    thread: message.thread_id,
    sender: { id: senderId },
    text,
    mentions: others,
    addressed: botMentioned ? 'mention' : undefined,
    contextRefs: contextRefs(message.parent_id, message.root_id, message.thread_id),
    replyTo: message.parent_id,
    attachments: content.attachments,
    sentAt: Number(message.create_time ?? 0) || 0,
  };
}

/** In a direct chat nobody else can be meant: there a mention that cannot be told apart just stays in the text. */
async function botOpenId(identity: BotIdentity, kind: 'direct' | 'group'): Promise<string | undefined> {
  try {
    return (await identity.get()).openId;
  } catch (error) {
    if (kind === 'direct') return undefined;
    throw error;
  }
}

function readCommand(text: string): Command | undefined {
  const match = /^(\/\w{1,32})(?:\s+|$)/.exec(text);
  if (!match?.[1]) return undefined;
  return { name: match[1].toLowerCase(), args: text.slice(match[0].length).trim() };
}
