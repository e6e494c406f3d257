import {
  type Arguments,
  channelArgument,
  messageArgument,
  metadataArgument,
  textArgument,
  threadArgument,
} from '../arguments.ts';
import { parseBlocks } from '../blocks.ts';
import { composeBotPost } from '../bot-post.ts';
import { SlackError } from '../error.ts';
import type { Conversation, SlackMessage } from '../types.ts';
import type { Workspace } from '../workspace.ts';
import type { MethodContext, SlackMethod } from './method.ts';

/** chat.postMessage cuts what is longer; chat.update refuses it already from 4,000. */
const MAX_TEXT = 40_000;
const MAX_UPDATE_TEXT = 4000;
const MAX_MARKDOWN_TEXT = 12_000;

export const chatMethods: Record<string, SlackMethod> = {
  // No tier but about one message per second and channel, which the API front enforces.
  'chat.postMessage': { perMinute: Number.POSITIVE_INFINITY, run: postMessage },
  'chat.update': { perMinute: 50, run: update },
  'chat.delete': { perMinute: 50, run: remove },
};

function postMessage(args: Arguments, { workspace, timeline, statuses }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const content = readContent(args);
  if (content.text === undefined && !content.blocks?.length) throw new SlackError('no_text');
  const metadata = metadataArgument(args);
  const thread = threadArgument(args, conversation);
  const message = composeBotPost(workspace, {
    ...content,
    text: (content.text ?? '').slice(0, MAX_TEXT),
    ...thread,
    ...(metadata && { metadata }),
  });
  timeline.post(conversation, message, args);
  if (thread.thread_ts !== undefined) statuses.delete(`${conversation.id}:${thread.thread_ts}`);
  return { channel: conversation.id, ts: message.ts, message };
}

function update(args: Arguments, { workspace, timeline, streams }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const message = ownMessage(args, workspace, conversation, 'cant_update_message');
  if (streams.isOpen(conversation.id, message.ts)) throw new SlackError('streaming_state_conflict');
  const content = readContent(args);
  if (content.text === undefined && content.blocks === undefined) throw new SlackError('no_text');
  if (args.text !== undefined && (content.text?.length ?? 0) > MAX_UPDATE_TEXT) throw new SlackError('msg_too_long');
  const metadata = metadataArgument(args);
  const change: Partial<SlackMessage> = {
    ...content,
    text: content.text ?? message.text,
    // Text alone takes the place of blocks that were there.
    blocks: content.blocks ?? [],
    edited: { user: workspace.bot.id, ts: workspace.nextTs() },
    ...(metadata && { metadata }),
  };
  timeline.revise(conversation, message, change, args);
  const next = conversation.messages.get(message.ts);
  return { channel: conversation.id, ts: message.ts, text: change.text, message: next };
}

function remove(args: Arguments, { workspace, timeline, streams }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const message = ownMessage(args, workspace, conversation, 'cant_delete_message');
  if (streams.isOpen(conversation.id, message.ts)) throw new SlackError('cant_delete_message');
  timeline.erase(conversation, message);
  return { channel: conversation.id, ts: message.ts };
}

function ownMessage(args: Arguments, workspace: Workspace, conversation: Conversation, refusal: string): SlackMessage {
  const message = messageArgument(args, conversation);
  if (message.bot_id !== workspace.bot.botId) throw new SlackError(refusal);
  return message;
}

/** Text and blocks of a call; `markdown_text` is one markdown block and goes with neither of the others. */
function readContent(args: Arguments): { text?: string; blocks?: NonNullable<SlackMessage['blocks']> } {
  const markdown = textArgument(args, 'markdown_text');
  const text = textArgument(args, 'text');
  const blocks = parseBlocks(args.blocks);
  if (markdown === undefined) return { ...(text !== undefined && { text }), ...(blocks && { blocks }) };
  if (text !== undefined || blocks !== undefined) throw new SlackError('markdown_text_conflict');
  if (markdown.length > MAX_MARKDOWN_TEXT) throw new SlackError('msg_too_long');
  return { text: markdown, blocks: [{ type: 'markdown', text: markdown }] };
}
