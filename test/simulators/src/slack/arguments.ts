import { SlackError } from './error.ts';
import type { Conversation, Metadata, SlackMessage } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Arguments of a call as they came: JSON values, or strings of a form. */
export type Arguments = Record<string, unknown>;

/** An argument as a string; empty and missing are `undefined`, numbers become strings. */
export function textArgument(args: Arguments, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'object' ? undefined : String(value);
}

/** A boolean argument in JSON (`true`) or a form (`true`, `1`). */
export function flagArgument(args: Arguments, name: string): boolean {
  return ['true', '1'].includes(String(args[name]));
}

/** The conversation named by `channel`, or the direct message with the person it names. */
export function channelArgument(args: Arguments, workspace: Workspace, name = 'channel'): Conversation {
  const channel = textArgument(args, name);
  const found = channel === undefined ? undefined : workspace.find(channel.replace(/^#/, ''));
  if (found !== undefined) return found;
  const person = channel === undefined ? undefined : workspace.findPerson(channel);
  if (person === undefined || person.isBot) {
    const stranger = channel === undefined ? undefined : workspace.withStranger(channel);
    if (stranger !== undefined) return stranger;
    throw new SlackError('channel_not_found');
  }
  return workspace.directWith(person.id);
}

/** The message with the timestamp in argument `name`. */
export function messageArgument(args: Arguments, conversation: Conversation, name = 'ts'): SlackMessage {
  const message = conversation.messages.get(textArgument(args, name) ?? '');
  if (message === undefined) throw new SlackError('message_not_found');
  return message;
}

/** The thread a post goes to; Slack accepts a `thread_ts` it does not know and posts all the same. */
export function threadArgument(
  args: Arguments,
  conversation: Conversation,
): Pick<SlackMessage, 'thread_ts' | 'parent_user_id'> {
  const threadTs = textArgument(args, 'thread_ts');
  if (threadTs === undefined) return {};
  const parent = conversation.messages.get(threadTs);
  return {
    thread_ts: parent?.thread_ts ?? threadTs,
    ...(parent !== undefined && { parent_user_id: parent.parent_user_id ?? parent.user }),
  };
}

/** Message metadata: `{event_type, event_payload}`, as an object or its JSON. */
export function metadataArgument(args: Arguments): Metadata | undefined {
  if (args.metadata === undefined || args.metadata === null || args.metadata === '') return undefined;
  const value: unknown = typeof args.metadata === 'string' ? parseJson(args.metadata) : args.metadata;
  if (value === null || typeof value !== 'object') throw new SlackError('invalid_metadata_format');
  if (!('event_type' in value) || typeof value.event_type !== 'string') throw new SlackError('invalid_metadata_schema');
  if (!('event_payload' in value) || value.event_payload === null || typeof value.event_payload !== 'object') {
    throw new SlackError('invalid_metadata_schema');
  }
  return { event_type: value.event_type, event_payload: { ...value.event_payload } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_metadata_format');
  }
}
