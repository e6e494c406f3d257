import type { ObservableSimulator } from '../shared/index.ts';
import type { SayInput, SentMessage, SimulatorOptions } from '../types.ts';

export interface TelegramSimulatorOptions extends SimulatorOptions {
  /** How long the hub may take to answer a webhook; default 60,000. Not divided by `speedup`. */
  webhookTimeoutMs?: number;
  /** Privacy mode: of a group the bot sees only commands, mentions and replies to itself. Default false. */
  privacy?: boolean;
}

export interface TelegramSayInput extends SayInput {
  /** Prefixes the text with the first name of this person, linked to them (a `text_mention`). */
  textMention?: string;
}

/** A Telegram with one bot. Chats are named freely; whole numbers are taken as chat ids as they stand. */
export interface TelegramSimulator extends ObservableSimulator {
  readonly platform: 'telegram';
  readonly bot: User;
  /** The number of a chat or person that a test named, as text. */
  chatId(name: string): string;
  userId(name: string): number;

  say(input: TelegramSayInput): Promise<SentMessage>;
  /** A person sends a file, which the bot can fetch through `getFile`. */
  sendFile(input: {
    chat: string;
    kind?: 'direct' | 'group';
    from?: string;
    fileName: string;
    mimeType?: string;
    content: Buffer;
    caption?: string;
  }): Promise<SentMessage>;

  /** Turns a group into a supergroup with another id; calls with the old id then fail with `migrate_to_chat_id`. */
  migrate(chat: string): { from: string; to: string };
  /** The draft the bot is showing in a private chat now. */
  draft(chat: string): string | undefined;
  /** Every text the chat's drafts have had, oldest first (the last 1,000). */
  draftVersions(chat: string): string[];
  /** Whether the chat shows "typing…" (for 5 s after `sendChatAction`, or until the bot's message). */
  isTyping(chat: string): boolean;
}

/** https://core.telegram.org/bots/api#user */
export interface User {
  id: number;
  is_bot: boolean;
  first_name: string;
  username?: string;
  language_code?: string;
}

/** https://core.telegram.org/bots/api#chat */
export interface Chat {
  id: number;
  type: 'private' | 'group' | 'supergroup';
  title?: string;
  username?: string;
  first_name?: string;
  is_forum?: true;
}

/** Offsets and lengths count UTF-16 code units: https://core.telegram.org/bots/api#messageentity */
export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  user?: User;
  language?: string;
  custom_emoji_id?: string;
}

/** https://core.telegram.org/bots/api#message */
export interface Message {
  message_id: number;
  message_thread_id?: number;
  is_topic_message?: true;
  from: User;
  chat: Chat;
  date: number;
  edit_date?: number;
  reply_to_message?: Message;
  text?: string;
  entities?: Entity[];
  caption?: string;
  document?: { file_id: string; file_unique_id: string; file_name: string; mime_type: string; file_size: number };
  forum_topic_created?: { name: string; icon_color: number };
  migrate_to_chat_id?: number;
  migrate_from_chat_id?: number;
}

/** https://core.telegram.org/bots/api#update */
export type Update = { update_id: number } & Record<string, unknown>;
