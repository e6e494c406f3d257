import { randomUUID } from 'node:crypto';
import type { SayInput } from '../types.ts';
import { escapeTyped, unescapeText } from './text.ts';
import type { Block, Conversation, SlackMessage } from './types.ts';
import type { Workspace } from './workspace.ts';

/** The message Slack makes of what a person typed, with its rich_text blocks. */
export function composePost(
  workspace: Workspace,
  conversation: Conversation,
  input: SayInput & { user: string },
): SlackMessage {
  const text = `${input.mentionBot ? `<@${workspace.bot.id}> ` : ''}${escapeTyped(input.text)}`;
  const message: SlackMessage = {
    type: 'message',
    client_msg_id: randomUUID(),
    user: input.user,
    text,
    ts: workspace.nextTs(),
    team: workspace.teamId,
    blocks: [toRichText(text)],
  };
  // A reply on Slack is a post in the thread of what it replies to.
  const target = input.replyTo === undefined ? undefined : conversation.messages.get(input.replyTo);
  const threadTs = input.thread ?? target?.thread_ts ?? input.replyTo;
  if (threadTs === undefined) return message;
  const parent = conversation.messages.get(threadTs)?.user;
  return { ...message, thread_ts: threadTs, ...(parent !== undefined && { parent_user_id: parent }) };
}

/** The blocks Slack adds to every typed message. */
export function toRichText(text: string): Block {
  const elements = text
    .split(/(<@[UW][A-Z0-9]+>|<https?:[^>]+>)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('<@')) return { type: 'user', user_id: part.slice(2, -1) };
      if (/^<https?:/.test(part)) return { type: 'link', url: unescapeText(part.slice(1, -1)) };
      return { type: 'text', text: unescapeText(part) };
    });
  return { type: 'rich_text', block_id: 'b1', elements: [{ type: 'rich_text_section', elements }] };
}
