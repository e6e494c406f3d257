import { detectEntities } from './entities.ts';
import { sortEntities } from './html.ts';
import type { Entity, Message, TelegramSayInput, User } from './types.ts';
import { now, type Room, type World } from './world.ts';

/** The fields every new message has: id, author, chat, place in a topic, and what it replies to. */
export function composeMessage(
  world: World,
  room: Room,
  input: { from: User; threadId?: number | undefined; replyTo?: Message | undefined },
): Message {
  const { from, threadId, replyTo } = input;
  const isTopic = threadId !== undefined && room.topics.has(threadId);
  // In a supergroup a reply carries the thread it belongs to, although that is no topic.
  const replyThread = room.chat.type === 'supergroup' ? (replyTo?.message_thread_id ?? replyTo?.message_id) : undefined;
  const thread = threadId ?? replyThread;
  const target = replyTo ?? (isTopic ? room.topics.get(threadId) : undefined);
  return {
    message_id: world.nextMessageId(room),
    from,
    chat: room.chat,
    date: now(),
    ...(thread !== undefined && { message_thread_id: thread }),
    ...(isTopic && { is_topic_message: true as const }),
    ...(target !== undefined && { reply_to_message: withoutReply(target) }),
  };
}

/** What a person typed, as Telegram reads it: mentions first, then everything it recognises by itself. */
export function composeText(world: World, input: TelegramSayInput): { text: string; entities: Entity[] } {
  const fixed: Entity[] = [];
  let text = '';
  if (input.mentionBot) text += `@${world.bot.username} `;
  if (input.textMention !== undefined) {
    const user = world.person(input.textMention);
    fixed.push({ type: 'text_mention', offset: text.length, length: user.first_name.length, user });
    text += `${user.first_name} `;
  }
  text += input.text;
  return { text, entities: sortEntities([...fixed, ...detectEntities(text, fixed)]) };
}

/** Whether privacy mode lets the bot see a group message: https://core.telegram.org/bots/features#privacy-mode */
export function isVisibleInPrivacyMode(world: World, message: Message): boolean {
  if (message.chat.type === 'private') return true;
  if (message.reply_to_message?.from.id === world.bot.id) return true;
  const text = message.text ?? message.caption ?? '';
  return (message.entities ?? []).some(({ type, offset, length, user }) => {
    const part = text.slice(offset, offset + length);
    if (type === 'mention') return part === `@${world.bot.username}`;
    if (type === 'bot_command') return !part.includes('@') || part.endsWith(`@${world.bot.username}`);
    return type === 'text_mention' && user?.id === world.bot.id;
  });
}

/** A replied-to message comes without what it itself replied to. */
function withoutReply(message: Message): Message {
  const { reply_to_message: _, ...rest } = message;
  return rest;
}
