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
import type { Block, Conversation, SlackMessage } from '../types.ts';
import type { MethodContext, SlackMethod } from './method.ts';

/** Text streaming: https://docs.slack.dev/reference/methods/chat.startStream */
export const streamMethods: Record<string, SlackMethod> = {
  'chat.startStream': { perMinute: 20, run: startStream },
  'chat.appendStream': { perMinute: 100, run: appendStream },
  'chat.stopStream': { perMinute: 20, run: stopStream },
};

/** Per call; the whole message may grow longer. */
const MAX_MARKDOWN_TEXT = 12_000;

function startStream(
  args: Arguments,
  { workspace, timeline, streams, statuses }: MethodContext,
): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const thread = threadArgument(args, conversation);
  if (thread.thread_ts === undefined) throw new SlackError('invalid_arguments', ['missing required field: thread_ts']);
  if (!conversation.isIm) {
    if (textArgument(args, 'recipient_team_id') === undefined) throw new SlackError('missing_recipient_team_id');
    if (textArgument(args, 'recipient_user_id') === undefined) throw new SlackError('missing_recipient_user_id');
  }
  const first = readChunk(args) ?? '';
  const message = composeBotPost(workspace, { text: first, ...thread });
  timeline.post(conversation, message, args);
  streams.open(conversation.id, message.ts);
  streams.append(conversation.id, message.ts, first);
  statuses.delete(`${conversation.id}:${thread.thread_ts}`);
  return { channel: conversation.id, ts: message.ts };
}

function appendStream(args: Arguments, context: MethodContext): Record<string, unknown> {
  const { conversation, message } = streamingMessage(args, context);
  const chunk = readChunk(args);
  if (chunk === undefined) throw new SlackError('no_text');
  const text = context.streams.append(conversation.id, message.ts, chunk);
  context.timeline.grow(conversation, message, { text, blocks: [{ type: 'markdown', text }] }, args);
  return { channel: conversation.id, ts: message.ts };
}

function stopStream(args: Arguments, context: MethodContext): Record<string, unknown> {
  const { conversation, message } = streamingMessage(args, context);
  const last = readChunk(args) ?? '';
  const extra = parseBlocks(args.blocks) ?? [];
  const metadata = metadataArgument(args);
  const text = context.streams.append(conversation.id, message.ts, last);
  context.streams.close(conversation.id, message.ts);
  const body: Block[] = text === '' ? [] : [{ type: 'markdown', text }];
  const change: Partial<SlackMessage> = { text, blocks: [...body, ...extra], ...(metadata && { metadata }) };
  context.timeline.revise(conversation, message, change, args);
  return { channel: conversation.id, ts: message.ts, message: conversation.messages.get(message.ts) };
}

function streamingMessage(
  args: Arguments,
  { workspace, streams }: MethodContext,
): { conversation: Conversation; message: SlackMessage } {
  const conversation = channelArgument(args, workspace);
  const message = messageArgument(args, conversation);
  if (message.bot_id !== workspace.bot.botId) throw new SlackError('message_not_owned_by_app');
  if (!streams.isOpen(conversation.id, message.ts)) throw new SlackError('message_not_in_streaming_state');
  return { conversation, message };
}

/** The Markdown of a call: `markdown_text`, or the `markdown_text` chunks among `chunks`. */
function readChunk(args: Arguments): string | undefined {
  const chunks: unknown = typeof args.chunks === 'string' ? parseChunks(args.chunks) : args.chunks;
  if (chunks !== undefined && !Array.isArray(chunks)) throw new SlackError('invalid_chunks');
  const fromChunks = (chunks ?? []).map((chunk: unknown) => {
    if (chunk === null || typeof chunk !== 'object' || !('type' in chunk)) throw new SlackError('invalid_chunks');
    return chunk.type === 'markdown_text' && 'text' in chunk ? String(chunk.text) : '';
  });
  const text = `${textArgument(args, 'markdown_text') ?? ''}${fromChunks.join('')}`;
  if (text.length > MAX_MARKDOWN_TEXT) throw new SlackError('msg_too_long');
  return text === '' && chunks === undefined ? undefined : text;
}

function parseChunks(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_chunks');
  }
}
