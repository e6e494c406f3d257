import type { InboundEvent } from '@parley/core/adapter';
import { detectLanguage } from '@parley/core/i18n';
import type { Attachment, Chat, Message } from '@parley/core/message';
import { classify } from './classify.ts';
import { readTypedCommand } from './command.ts';
import type { ParseContext } from './parse.ts';
import { check, type EventCallback, eventCallback, type Post, post, type SlackFile } from './schema.ts';
import { mentionedIds, type ReadText, readText } from './text.ts';

/**
 * One delivery of the Events API (the same object over HTTP and Socket Mode) as the hub's event.
 *
 * @throws ParleyError `invalid_request`; `unavailable` when the bot's own id is needed and cannot be had
 * @see https://docs.slack.dev/apis/events-api
 */
export async function parseEvent(payload: unknown, context: ParseContext): Promise<InboundEvent> {
  const callback = check(eventCallback, payload);
  const reason = classify(callback, toldBotUserId(callback));
  if (reason !== undefined) return { kind: 'ignored', reason };

  const said = check(post, callback.event);
  const botUserId = await findBotUserId(callback, said, context);
  if (said.user === botUserId) return { kind: 'ignored', reason: 'own_message' };
  const read = readText(said.text ?? '', botUserId);
  const attachments = (said.files ?? []).filter(isReadable).map(toAttachment);
  // A deleted file, say. A mention with nothing to it is another matter: the hub answers it with help.
  const isUnreadable = read.text === '' && attachments.length === 0;
  if (isUnreadable && addressedBy(said, read, botUserId) !== 'mention') return { kind: 'ignored', reason: 'empty' };
  return {
    kind: 'message',
    message: toMessage(callback, said, read, attachments, botUserId, context),
    // One post may come as `message` and as `app_mention`: two events with two ids, but one place in the channel.
    dedupeKeys: [callback.event_id, `${callback.team_id ?? ''}:${said.channel}:${said.ts}`],
  };
}

function toMessage(
  callback: EventCallback,
  said: Post,
  read: ReadText,
  attachments: Attachment[],
  botUserId: string | undefined,
  context: ParseContext,
): Message {
  const command = readTypedCommand(read.text, context.commands);
  const thread = threadOf(said);
  const language = detectLanguage(read.text);
  const chat = chatOf(said);
  return {
    id: said.ts,
    chat,
    thread,
    opensThread: chat.kind === 'group' && thread === undefined ? said.ts : undefined,
    sender: { id: said.user },
    text: command?.args ?? read.text,
    command,
    mentions: read.mentions,
    addressed: addressedBy(said, read, botUserId),
    contextRefs: thread === undefined ? [] : [thread],
    attachments,
    language,
    sentAt: Number(said.ts) * 1000,
    // `team` is the asker's workspace (another one in shared channels): streaming an answer needs it.
    state: { team: said.user_team ?? said.team ?? callback.team_id ?? undefined, language },
  };
}

/** The root of a thread may carry its own id as `thread_ts`; it stands in the main flow all the same. */
function threadOf(said: Post): string | undefined {
  return said.thread_ts && said.thread_ts !== said.ts ? said.thread_ts : undefined;
}

function addressedBy(said: Post, read: ReadText, botUserId: string | undefined): Message['addressed'] {
  if (said.type === 'app_mention' || read.mentionsBot) return 'mention';
  return botUserId !== undefined && said.parent_user_id === botUserId ? 'reply' : undefined;
}

/** `app_mention` has no `channel_type`, but never comes from a direct message; ids of those start with D. */
export function chatOf(said: Pick<Post, 'channel' | 'channel_type'>): Chat {
  const type = said.channel_type ?? (said.channel.startsWith('D') ? 'im' : 'channel');
  return { id: said.channel, kind: type === 'im' || type === 'app_home' ? 'direct' : 'group' };
}

/** The installation that an event was delivered for is listed in it; for an app with a bot that is the bot's user. */
function toldBotUserId(callback: EventCallback): string | undefined {
  return callback.authorizations?.find((one) => one.is_bot)?.user_id ?? undefined;
}

/** Undefined when nothing in the post depends on who the bot is. */
async function findBotUserId(callback: EventCallback, said: Post, context: ParseContext): Promise<string | undefined> {
  const told = toldBotUserId(callback);
  if (told !== undefined) return told;
  const mentioned = mentionedIds(said.text ?? '');
  if (said.type === 'app_mention' && mentioned.length === 1) return mentioned[0];
  const isReply = chatOf(said).kind === 'group' && said.parent_user_id;
  return mentioned.length > 0 || isReply ? context.botUserId() : undefined;
}

/** Deleted files and those beyond a free plan's limit are listed but cannot be fetched. */
function isReadable(file: SlackFile): boolean {
  return file.mode !== 'tombstone' && file.mode !== 'hidden_by_limit';
}

function toAttachment(file: SlackFile): Attachment {
  return {
    id: file.id,
    kind: kindOf(file),
    name: file.name ?? file.title ?? undefined,
    mimeType: file.mimetype || undefined,
    sizeBytes: file.size ?? undefined,
  };
}

function kindOf(file: SlackFile): Attachment['kind'] {
  // A voice clip is an audio/webm or video/mp4 container: its subtype tells.
  if (file.subtype === 'slack_audio') return 'audio';
  const type = file.mimetype?.split('/', 1)[0];
  return type === 'image' || type === 'audio' || type === 'video' ? type : 'file';
}
