import type { ChatLog } from '../shared/index.ts';
import type { SimMessage } from '../types.ts';
import { renderBlocks } from './blocks.ts';
import type { Outbox } from './outbox.ts';
import { type Names, renderMrkdwn } from './text.ts';
import type { Conversation, SlackMessage } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Everything that changes a conversation goes through here: the store, the chat as people see it, and the event. */
export interface Timeline {
  /** Adds a message; `raw` is what its author sent. */
  post(conversation: Conversation, message: SlackMessage, raw: unknown): void;
  /** Replaces fields of a message; a message with an `edited` field shows "(edited)". */
  revise(conversation: Conversation, message: SlackMessage, change: Partial<SlackMessage>, raw: unknown): void;
  /** Like `revise` without an event: how a streamed message grows. */
  grow(conversation: Conversation, message: SlackMessage, change: Partial<SlackMessage>, raw: unknown): void;
  /** Sets fields that change nothing of what the message says, such as reactions. */
  annotate(conversation: Conversation, message: SlackMessage, change: Partial<SlackMessage>): void;
  erase(conversation: Conversation, message: SlackMessage): void;
  /** Shows a message only to one person; it is neither stored nor sent as an event. */
  whisper(
    conversation: Conversation,
    content: Pick<SlackMessage, 'text' | 'blocks'>,
    raw: unknown,
    authorId: string,
  ): void;
}

/** Makes the one writer of conversations. */
export function createTimeline({
  workspace,
  log,
  outbox,
}: {
  workspace: Workspace;
  log: ChatLog;
  outbox: Outbox;
}): Timeline {
  const names: Names = {
    person: (id) => workspace.findPerson(id)?.name,
    conversation: (id) => workspace.find(id)?.name,
  };
  const visibleText = (message: Pick<SlackMessage, 'text' | 'blocks'>) =>
    message.blocks?.length ? renderBlocks(message.blocks, names) : renderMrkdwn(message.text, names);

  function place(conversation: Conversation): { channel: string; channel_type: string } {
    return { channel: conversation.id, channel_type: conversation.isIm ? 'im' : 'channel' };
  }

  function emitChange(conversation: Conversation, subtype: string, fields: Record<string, unknown>): void {
    const ts = workspace.nextTs();
    outbox.emit({ type: 'message', subtype, ...place(conversation), ...fields, hidden: true, ts, event_ts: ts });
  }

  function grow(
    conversation: Conversation,
    message: SlackMessage,
    change: Partial<SlackMessage>,
    raw: unknown,
  ): SlackMessage {
    const next = { ...message, ...change };
    workspace.store(conversation, next);
    log.edit(conversation.id, message.ts, visibleText(next), raw);
    return next;
  }

  return {
    post(conversation, message, raw) {
      workspace.store(conversation, message);
      log.add(toSimMessage(conversation, message, visibleText(message), raw));
      const event = { ...message, event_ts: message.ts };
      outbox.emit({ ...event, ...place(conversation) });
      // A post that names the bot is two events with one ts; in a direct message there is only the first.
      const mentions = message.bot_id === undefined && message.text.includes(`<@${workspace.bot.id}>`);
      if (mentions && !conversation.isIm) outbox.emit({ ...event, type: 'app_mention', channel: conversation.id });
    },

    grow,

    revise(conversation, message, change, raw) {
      const next = grow(conversation, message, change, raw);
      emitChange(conversation, 'message_changed', { message: next, previous_message: message });
    },

    annotate: (conversation, message, change) => workspace.store(conversation, { ...message, ...change }),

    erase(conversation, message) {
      conversation.messages.delete(message.ts);
      log.remove(conversation.id, message.ts);
      emitChange(conversation, 'message_deleted', { previous_message: message, deleted_ts: message.ts });
    },

    whisper(conversation, content, raw, authorId) {
      const id = workspace.nextTs();
      log.add({ id, chat: conversation.id, author: 'bot', authorId, text: visibleText(content), raw });
    },
  };
}

function toSimMessage(
  conversation: Conversation,
  message: SlackMessage,
  text: string,
  raw: unknown,
): Omit<SimMessage, 'edits' | 'versions' | 'at'> {
  const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
  return {
    id: message.ts,
    chat: conversation.id,
    thread: isReply ? message.thread_ts : undefined,
    author: message.bot_id === undefined ? 'person' : 'bot',
    authorId: message.user,
    text,
    raw,
  };
}
