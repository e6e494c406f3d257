import type { InboundEvent } from '@parley/core/adapter';
import { detectLanguage } from '@parley/core/i18n';
import type { Attachment, Command, Message, Sender } from '@parley/core/message';
import { classify } from './classify.ts';
import type { BotIdentity } from './identity.ts';
import { readText } from './text.ts';
import { readUpdate, type TelegramFile, type TelegramMessage } from './update.ts';

/**
 * One update as the hub sees it. Throws `invalid_request` when it is no update at all, and `unavailable` when only the
 * bot's name can tell whether it is meant and Telegram does not say that name right now.
 */
export async function parseUpdate(raw: unknown, bot: BotIdentity): Promise<InboundEvent> {
  const update = readUpdate(raw);
  const classified = classify(update, bot.id);
  if (classified.kind === 'ignored') return classified;
  const source = classified.message;

  const entities = source.text === undefined ? source.caption_entities : source.entities;
  const read = await readText(source.text ?? source.caption ?? '', entities ?? [], bot);
  const isEdit = classified.kind === 'edited';
  if (read.forOtherBot) return { kind: 'ignored', reason: isEdit ? 'edit' : 'other_bot_command' };
  const attachments = attachmentsOf(source);

  const replied = repliedTo(source);
  const command = read.command && startMeansHelp(read.command, source);
  const message: Message = {
    id: String(source.message_id),
    chat: { id: String(source.chat.id), kind: source.chat.type === 'private' ? 'direct' : 'group' },
    thread: topicOf(source)?.toString(),
    sender: senderOf(source),
    text: command ? command.args : read.text,
    command,
    mentions: read.mentions,
    addressed: read.mentioned ? 'mention' : replied?.from?.id === bot.id ? 'reply' : undefined,
    contextRefs: [],
    replyTo: replied?.message_id.toString(),
    attachments,
    language: detectLanguage(read.text, source.from?.language_code),
    sentAt: source.date * 1000,
  };
  const key = `telegram:${bot.id}:message:${source.chat.id}:${source.message_id}`;
  if (isEdit) return { kind: 'edited', key, message };
  return { kind: 'message', message, dedupeKeys: [`telegram:${bot.id}:update:${update.update_id}`, key] };
}

/** Outside forums `message_thread_id` only names the root of a chain of replies, which is no place of its own. */
function topicOf(message: TelegramMessage): number | undefined {
  return message.is_topic_message ? message.message_thread_id : undefined;
}

/** Everything in a topic "replies" to the service message that made it; only what a person picked is a reply. */
function repliedTo(message: TelegramMessage): TelegramMessage['reply_to_message'] {
  const replied = message.reply_to_message;
  if (!replied || replied.forum_topic_created !== undefined) return undefined;
  return replied.message_id === topicOf(message) ? undefined : replied;
}

/** Anonymous admins and people who write as their channel are known by that chat alone. */
function senderOf({ from, sender_chat, author_signature }: TelegramMessage): Sender {
  if (sender_chat) return { id: String(sender_chat.id), name: author_signature ?? sender_chat.title };
  const name = [from?.first_name, from?.last_name].filter(Boolean).join(' ');
  return { id: String(from?.id), name: name || from?.username };
}

/** `/start` is what Telegram's own button sends when somebody opens the bot; it may carry a deep link's parameter. */
function startMeansHelp(command: Command, message: TelegramMessage): Command {
  return command.name === '/start' && message.chat.type === 'private' ? { name: '/help', args: '' } : command;
}

function attachmentsOf(message: TelegramMessage): Attachment[] {
  const photo = message.photo?.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
  // Telegram repeats an animation as a document, for clients that do not know animations.
  const document = message.animation ? undefined : message.document;
  return [
    attachment('image', photo && { ...photo, mime_type: 'image/jpeg' }),
    attachment('file', document),
    attachment('audio', message.voice),
    attachment('audio', message.audio),
    attachment('video', message.video ?? message.animation ?? message.video_note),
    attachment('sticker', message.sticker),
  ].filter((found) => found !== undefined);
}

function attachment(kind: Attachment['kind'], file: TelegramFile | undefined): Attachment | undefined {
  if (!file) return undefined;
  return { id: file.file_id, kind, name: file.file_name, mimeType: file.mime_type, sizeBytes: file.file_size };
}
