import { type Arguments, flagArgument, numberArgument, objectArgument, textArgument } from '../arguments.ts';
import { composeMessage } from '../compose.ts';
import { formatText } from '../entities.ts';
import { badRequest } from '../error.ts';
import type { Message } from '../types.ts';
import { now, type Room } from '../world.ts';
import type { MethodAnswer, MethodContext, TelegramMethod } from './method.ts';

export const messageMethods: Record<string, TelegramMethod> = {
  sendMessage,
  editMessageText,
  sendMessageDraft,
  deleteMessage,
  sendChatAction,
};

const CHAT_ACTIONS = new Set(
  'typing,upload_photo,record_video,upload_video,record_voice,upload_voice,upload_document,choose_sticker,find_location,record_video_note,upload_video_note'.split(
    ',',
  ),
);

function sendMessage(args: Arguments, { world, stage }: MethodContext): MethodAnswer {
  const room = world.resolve(args.chat_id);
  const { text, entities } = readText(args);
  const threadId = threadArgument(args, room);
  const replyTo = replyArgument(args, room);
  const message: Message = {
    ...composeMessage(world, room, { from: world.bot, threadId, replyTo }),
    text,
    ...(entities.length > 0 && { entities }),
  };
  stage.show(room, message, args);
  return { result: message };
}

function editMessageText(args: Arguments, { world, stage }: MethodContext): MethodAnswer {
  const room = world.resolve(args.chat_id);
  const message = room.messages.get(numberArgument(args, 'message_id') ?? 0);
  if (message === undefined) throw badRequest('message to edit not found');
  if (message.from.id !== world.bot.id) throw badRequest("message can't be edited");
  const { text, entities } = readText(args);
  if (text === message.text && JSON.stringify(entities) === JSON.stringify(message.entities ?? [])) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  }
  const { entities: _, ...rest } = message;
  const edited: Message = { ...rest, text, edit_date: now(), ...(entities.length > 0 && { entities }) };
  stage.showEdit(room, edited, args);
  return { result: edited };
}

/** A preview that only private chats show, for 30 s or until the bot's message. */
function sendMessageDraft(args: Arguments, { world, stage }: MethodContext): MethodAnswer {
  const room = world.resolve(args.chat_id);
  if (room.chat.type !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
  const draftId = numberArgument(args, 'draft_id') ?? 0;
  if (draftId === 0) throw badRequest('draft_id must be non-zero');
  threadArgument(args, room);
  const { text } = readText(args, { mayBeEmpty: true });
  stage.setDraft(room.chat.id, draftId, text === '' ? 'Thinking…' : text);
  return { result: true };
}

/** A bot deletes its own messages everywhere, and in private chats people's too. */
function deleteMessage(args: Arguments, { world, stage }: MethodContext): MethodAnswer {
  const room = world.resolve(args.chat_id);
  const message = room.messages.get(numberArgument(args, 'message_id') ?? 0);
  if (message === undefined) throw badRequest('message to delete not found');
  const isOwn = message.from.id === world.bot.id;
  if (!isOwn && room.chat.type !== 'private') throw badRequest("message can't be deleted");
  stage.hide(room, message.message_id);
  return { result: true };
}

function sendChatAction(args: Arguments, { world, stage }: MethodContext): MethodAnswer {
  const room = world.resolve(args.chat_id);
  if (!CHAT_ACTIONS.has(textArgument(args, 'action') ?? '')) throw badRequest('wrong parameter action in request');
  threadArgument(args, room);
  stage.setTyping(room.chat.id);
  return { result: true };
}

function readText(args: Arguments, options?: { mayBeEmpty?: boolean }): ReturnType<typeof formatText> {
  const entities = objectArgument(args, 'entities');
  return formatText({ text: args.text, parseMode: textArgument(args, 'parse_mode'), entities }, options);
}

/** The topic (or the reply thread of a supergroup) a message goes to. */
function threadArgument(args: Arguments, room: Room): number | undefined {
  const threadId = numberArgument(args, 'message_thread_id');
  if (threadId === undefined || threadId === 0) return undefined;
  if (!room.topics.has(threadId) && !room.messages.has(threadId)) throw badRequest('message thread not found');
  return threadId;
}

/** `reply_parameters`, or the older `reply_to_message_id`. */
function replyArgument(args: Arguments, room: Room): Message | undefined {
  const parameters = objectArgument(args, 'reply_parameters');
  const source: Arguments =
    parameters !== null && typeof parameters === 'object'
      ? { ...parameters }
      : { message_id: args.reply_to_message_id, allow_sending_without_reply: args.allow_sending_without_reply };
  const messageId = numberArgument(source, 'message_id');
  if (messageId === undefined) return undefined;
  const message = room.messages.get(messageId) ?? room.topics.get(messageId);
  if (message !== undefined || flagArgument(source, 'allow_sending_without_reply')) return message;
  throw badRequest('message to be replied not found');
}
