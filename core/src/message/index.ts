/** The platforms' names as they stand in URLs, configuration and metrics. Adding one: see AGENTS.md. */
export const PLATFORMS = ['feishu', 'telegram', 'slack'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Languages the hub itself speaks. Models answer in any language. */
export type Language = 'en' | 'zh';

/**
 * One message of a person, as every part of the hub behind the adapters sees it.
 * Ids are opaque outside the adapter that made them: compare them, never take them apart.
 */
export interface Message {
  /** The platform's id of the message, unique within `chat`. */
  id: string;
  chat: Chat;
  /** Thread or topic the message stands in; replies go there. Absent in the main flow of the chat. */
  thread?: string | undefined;
  /** Where the platform answers a message of the main flow in a thread of its own: the thread the answer will open. */
  opensThread?: string | undefined;
  sender: Sender;
  /** What was said, without the bot's mention and without the command. May be empty (attachments only). */
  text: string;
  /** Set when the message is a command such as `/ai …` (or a Slack slash command). `name` keeps the slash, lower case. */
  command?: Command | undefined;
  /** People and bots mentioned besides this bot. */
  mentions: Mention[];
  /** How the platform itself says that the bot is meant; absent: it does not say. */
  addressed?: 'mention' | 'reply' | undefined;
  /**
   * Ids of messages or threads this one hangs under, wherever the payload does not tell whose they are. If one of them
   * is the bot's own (see `Receipt.refs`), the message counts as addressed.
   */
  contextRefs: string[];
  /** The message this one replies to, if any. */
  replyTo?: string | undefined;
  attachments: Attachment[];
  language: Language;
  /** When the person sent it, by the platform's clock; Unix milliseconds, with a fraction where the platform has one. */
  sentAt: number;
  /**
   * What the adapter needs to answer this message in the right place (JSON, small, no secrets): handed back untouched
   * as `ReplyTarget.state`.
   */
  state?: Record<string, unknown> | undefined;
}

export interface Chat {
  id: string;
  kind: 'direct' | 'group';
}

export interface Sender {
  id: string;
  name?: string | undefined;
}

export interface Command {
  /** With its slash, lower case, without `@botname`: `/ai`. */
  name: string;
  /** The rest of the line(s), trimmed; equals `Message.text`. */
  args: string;
}

export interface Mention {
  id: string;
  name?: string | undefined;
}

/** A file by reference. Bytes are fetched through the adapter only when somebody needs them. */
export interface Attachment {
  id: string;
  kind: 'image' | 'file' | 'audio' | 'video' | 'sticker';
  name?: string | undefined;
  mimeType?: string | undefined;
  sizeBytes?: number | undefined;
}

/** Why a platform event did not become a turn. A label of `parley_events_total`, so the set is closed. */
export const IGNORE_REASONS = [
  'handshake', // url_verification and the like
  'unsupported_event', // an event type the hub has no use for
  'own_message',
  'bot_message',
  'edit',
  'join', // joins, leaves, topic changes and other service messages
  'duplicate', // seen before, on the bus or as the platform's second event for one post
  'empty', // nothing to answer
  'other_bot_command', // `/cmd@another_bot`
  'not_addressed', // group chatter that is not for the bot
  'direct_disabled', // triggers.direct = never, or command and this is none
  'group_disabled',
  'chat_not_allowed',
  'user_denied',
] as const;
export type IgnoreReason = (typeof IGNORE_REASONS)[number];

export { newRequestId } from './id.ts';
export { decideTrigger, type TriggerDecision, type TriggerReason } from './trigger.ts';
