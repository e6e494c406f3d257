import { composeMessage, composeText, isVisibleInPrivacyMode } from './compose.ts';
import { detectEntities } from './entities.ts';
import type { Files } from './files.ts';
import type { Stage } from './stage.ts';
import type { Message, TelegramSimulator, User } from './types.ts';
import type { Updates } from './updates.ts';
import { now, type Room, type World } from './world.ts';

type People = Pick<TelegramSimulator, 'say' | 'sendFile' | 'edit' | 'remove' | 'migrate'>;

/** Makes what people do: each act shows in the chat and goes to the bot as an update. */
export function createPeople(options: {
  world: World;
  stage: Stage;
  updates: Updates;
  files: Files;
  privacy: boolean;
}): People {
  const { world, stage, updates, files } = options;

  function tell(kind: 'message' | 'edited_message', message: Message): void {
    if (options.privacy && !isVisibleInPrivacyMode(world, message)) return;
    updates.emit(message.chat.id, { [kind]: message });
  }

  function enter(input: { chat: string; kind?: 'direct' | 'group'; from?: string }): { room: Room; from: User } {
    const name = input.from ?? 'alice';
    const room = world.room(input.chat, { kind: input.kind, from: name });
    return { room, from: room.owner ?? world.person(name) };
  }

  function personsMessage(chat: string, messageId: string): { room: Room; message: Message } {
    const room = world.find(chat);
    const message = room?.messages.get(Number(messageId));
    if (room === undefined || message === undefined) throw new Error(`No message ${messageId} in ${chat}.`);
    if (message.from.id === world.bot.id) throw new Error(`Message ${messageId} in ${chat} is the bot's.`);
    return { room, message };
  }

  return {
    async say(input) {
      const { room, from } = enter(input);
      if (input.locale !== undefined) from.language_code = input.locale === 'zh' ? 'zh-hans' : 'en';
      const threadId = input.thread === undefined ? undefined : world.topic(room, input.thread, from);
      const replyTo = input.replyTo === undefined ? undefined : room.messages.get(Number(input.replyTo));
      const { text, entities } = composeText(world, input);
      const message: Message = {
        ...composeMessage(world, room, { from, threadId, replyTo }),
        text,
        ...(entities.length > 0 && { entities }),
      };
      stage.show(room, message, message);
      tell('message', message);
      return { id: String(message.message_id), chat: String(room.chat.id) };
    },

    async sendFile(input) {
      const { room, from } = enter(input);
      const { fileId, uniqueId } = files.add(input.content, input.fileName);
      const message: Message = {
        ...composeMessage(world, room, { from }),
        document: {
          file_id: fileId,
          file_unique_id: uniqueId,
          file_name: input.fileName,
          mime_type: input.mimeType ?? 'application/octet-stream',
          file_size: input.content.length,
        },
        ...(input.caption !== undefined && { caption: input.caption }),
      };
      stage.show(room, message, message);
      tell('message', message);
      return { id: String(message.message_id), chat: String(room.chat.id) };
    },

    async edit(chat, messageId, text) {
      const { room, message } = personsMessage(chat, messageId);
      const { entities: _, ...rest } = message;
      const entities = detectEntities(text);
      const edited: Message = { ...rest, text, edit_date: now(), ...(entities.length > 0 && { entities }) };
      stage.showEdit(room, edited, edited);
      tell('edited_message', edited);
    },

    /** Bots are not told about deleted messages. */
    async remove(chat, messageId) {
      const { room, message } = personsMessage(chat, messageId);
      stage.hide(room, message.message_id);
    },

    migrate(chat) {
      const { room, from, to } = world.migrate(chat);
      const service = composeMessage(world, room, { from: world.person('alice') });
      updates.emit(from.id, { message: { ...service, chat: from, migrate_to_chat_id: to.id } });
      updates.emit(to.id, { message: { ...service, migrate_from_chat_id: from.id } });
      return { from: String(from.id), to: String(to.id) };
    },
  };
}
