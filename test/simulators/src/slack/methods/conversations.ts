import { type Arguments, channelArgument, flagArgument, textArgument } from '../arguments.ts';
import { SlackError } from '../error.ts';
import type { Conversation, SlackMessage } from '../types.ts';
import type { MethodContext, SlackMethod } from './method.ts';

export const conversationMethods: Record<string, SlackMethod> = {
  'conversations.history': { perMinute: 50, run: history },
  'conversations.replies': { perMinute: 50, run: replies },
  'conversations.open': { perMinute: 50, run: open },
  'conversations.info': { perMinute: 50, run: info },
};

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 999;

/** Top-level messages, newest first. */
function history(args: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const messages = [...conversation.messages.values()].filter((message) => !isReply(message)).reverse();
  return page(args, conversation, messages.filter(within(args)));
}

/** A thread: its parent, then the replies, oldest first. */
function replies(args: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace);
  const named = conversation.messages.get(textArgument(args, 'ts') ?? '');
  if (named === undefined) throw new SlackError('thread_not_found');
  const root = named.thread_ts ?? named.ts;
  const messages = [...conversation.messages.values()].filter((m) => m.ts === root || m.thread_ts === root);
  return page(
    args,
    conversation,
    messages.filter((message) => message.ts === root || within(args)(message)),
  );
}

function open(args: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const channel = textArgument(args, 'channel');
  if (channel !== undefined) return { channel: { id: channelArgument(args, workspace).id } };
  const users = Array.isArray(args.users) ? args.users.map(String) : (textArgument(args, 'users')?.split(',') ?? []);
  const [user] = users;
  if (user === undefined) throw new SlackError('users_list_not_supplied');
  if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
  if (workspace.findPerson(user) === undefined) throw new SlackError('user_not_found');
  return { no_op: false, already_open: false, channel: { id: workspace.directWith(user).id } };
}

function info(args: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const { id, name, isIm, user } = channelArgument(args, workspace);
  const kind = isIm ? { is_im: true, user } : { name, name_normalized: name, is_channel: true, is_member: true };
  return { channel: { id, created: 0, is_archived: false, is_im: isIm, is_private: isIm, ...kind } };
}

function page(args: Arguments, conversation: Conversation, messages: SlackMessage[]): Record<string, unknown> {
  const limit = Math.min(Number(textArgument(args, 'limit') ?? DEFAULT_LIMIT), MAX_LIMIT);
  if (!Number.isInteger(limit) || limit < 1) throw new SlackError('invalid_limit');
  const start = Number(textArgument(args, 'cursor') ?? 0);
  if (!Number.isInteger(start) || start < 0) throw new SlackError('invalid_cursor');
  const end = start + limit;
  const hasMore = messages.length > end;
  const withMetadata = flagArgument(args, 'include_all_metadata');
  return {
    messages: messages.slice(start, end).map((message) => present(message, conversation, withMetadata)),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(end) : '' },
  };
}

/** A message as reading methods show it: with its thread's numbers, and metadata only where asked for. */
function present(message: SlackMessage, conversation: Conversation, withMetadata: boolean): Record<string, unknown> {
  const { metadata, ...rest } = message;
  const shown = { ...rest, ...(withMetadata && metadata && { metadata }) };
  if (isReply(message)) return shown;
  const thread = [...conversation.messages.values()].filter((m) => m.thread_ts === message.ts && m.ts !== message.ts);
  const latest = thread.at(-1);
  if (latest === undefined) return shown;
  const users = [...new Set(thread.map((reply) => reply.user))];
  const counts = { reply_count: thread.length, reply_users_count: users.length, reply_users: users.slice(0, 5) };
  return { ...shown, thread_ts: message.ts, ...counts, latest_reply: latest.ts, subscribed: false, is_locked: false };
}

function isReply(message: SlackMessage): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

/** The `oldest` / `latest` / `inclusive` arguments as a filter. */
function within(args: Arguments): (message: SlackMessage) => boolean {
  const oldest = Number(textArgument(args, 'oldest') ?? 0);
  const latest = Number(textArgument(args, 'latest') ?? Number.POSITIVE_INFINITY);
  const inclusive = flagArgument(args, 'inclusive');
  return ({ ts }) => {
    const at = Number(ts);
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  };
}
