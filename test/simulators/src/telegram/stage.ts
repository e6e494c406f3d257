import type { ChatLog } from '../shared/index.ts';
import type { Message } from './types.ts';
import type { Room, World } from './world.ts';

const DRAFT_TTL_MS = 30_000;
const TYPING_TTL_MS = 5_000;
const MAX_DRAFT_VERSIONS = 1000;
const MAX_CHATS = 10_000;

/** What is seen of chats: messages go to the log, drafts and "typing…" are kept beside it. */
export interface Stage {
  show(room: Room, message: Message, raw: unknown): void;
  showEdit(room: Room, message: Message, raw: unknown): void;
  hide(room: Room, messageId: number): void;
  setDraft(chatId: number, draftId: number, text: string): void;
  setTyping(chatId: number): void;
  draft(chatId: number): string | undefined;
  draftVersions(chatId: number): string[];
  isTyping(chatId: number): boolean;
}

/** Makes the stage over a chat log. */
export function createStage({ world, log }: { world: World; log: ChatLog }): Stage {
  const drafts = new Map<number, { id: number; text: string | undefined; until: number; versions: string[] }>();
  const typing = new Map<number, number>();

  function clear(chatId: number): void {
    typing.delete(chatId);
    const draft = drafts.get(chatId);
    if (draft !== undefined) draft.text = undefined;
  }

  return {
    show(room, message, raw) {
      world.store(room, message);
      const isBot = message.from.id === world.bot.id;
      if (isBot) clear(room.chat.id);
      log.add({
        id: String(message.message_id),
        chat: String(room.chat.id),
        thread: message.is_topic_message ? String(message.message_thread_id) : undefined,
        replyTo: repliedTo(message),
        author: isBot ? 'bot' : 'person',
        authorId: String(message.from.id),
        text: visibleText(message),
        raw,
      });
    },

    showEdit(room, message, raw) {
      world.store(room, message);
      log.edit(String(room.chat.id), String(message.message_id), visibleText(message), raw);
    },

    hide(room, messageId) {
      room.messages.delete(messageId);
      log.remove(String(room.chat.id), String(messageId));
    },

    setDraft(chatId, draftId, text) {
      const versions = [...(drafts.get(chatId)?.versions ?? []), text].slice(-MAX_DRAFT_VERSIONS);
      drafts.set(chatId, { id: draftId, text, until: Date.now() + DRAFT_TTL_MS, versions });
      if (drafts.size > MAX_CHATS) drafts.delete(drafts.keys().next().value as number);
    },

    setTyping(chatId) {
      typing.set(chatId, Date.now() + TYPING_TTL_MS);
      if (typing.size > MAX_CHATS) typing.delete(typing.keys().next().value as number);
    },

    draft(chatId) {
      const draft = drafts.get(chatId);
      return draft !== undefined && draft.until > Date.now() ? draft.text : undefined;
    },

    draftVersions: (chatId) => [...(drafts.get(chatId)?.versions ?? [])],
    isTyping: (chatId) => (typing.get(chatId) ?? 0) > Date.now(),
  };
}

function visibleText(message: Message): string {
  const file = message.document === undefined ? '' : `[${message.document.file_name}] `;
  return `${file}${message.text ?? message.caption ?? ''}`;
}

/** Every message of a topic formally replies to the one that opened it; people see no reply there. */
function repliedTo({ reply_to_message: target }: Message): string | undefined {
  return target === undefined || target.forum_topic_created !== undefined ? undefined : String(target.message_id);
}
