import type { IgnoreReason } from '@parley/core/message';
import type { EventCallback } from './schema.ts';

/** What a person says has one of these subtypes, or none. Every other subtype is an edit, a bot's, or Slack's own. */
const SPOKEN = new Set(['file_share', 'thread_broadcast']);
const EDITS = new Set(['message_changed', 'message_deleted']);
/** Service lines in a channel: https://docs.slack.dev/reference/events/message#subtypes */
const SERVICE_SUBTYPE =
  /^(?:channel|group)_(?:join|leave|topic|purpose|name|archive|unarchive|convert_to_private|posting_permissions)$|^(?:bot_add|bot_remove|pinned_item|unpinned_item|huddle_thread|assistant_app_thread)$/;
const JOIN_EVENTS = new Set(['member_joined_channel', 'member_left_channel', 'team_join']);

/**
 * Why an event is no question of a person; undefined when it is one.
 *
 * @param botUserId this bot's user id as the event itself tells it
 */
export function classify(
  { event, api_app_id: appId }: EventCallback,
  botUserId: string | undefined,
): IgnoreReason | undefined {
  if (JOIN_EVENTS.has(event.type)) return 'join';
  if (event.type !== 'message' && event.type !== 'app_mention') return 'unsupported_event';
  const subtype = event.subtype ?? undefined;
  if (subtype !== undefined && EDITS.has(subtype)) return 'edit';
  if (botUserId !== undefined && event.user === botUserId) return 'own_message';
  if (event.bot_id || subtype === 'bot_message') {
    const author = event.bot_profile?.app_id ?? event.app_id ?? undefined;
    return author !== undefined && author === appId ? 'own_message' : 'bot_message';
  }
  // Slackbot (reminders, custom responses) posts without a bot_id.
  if (event.user === 'USLACKBOT') return 'bot_message';
  if (subtype !== undefined && SERVICE_SUBTYPE.test(subtype)) return 'join';
  if (subtype !== undefined && !SPOKEN.has(subtype)) return 'unsupported_event';
  // An edit that adds a mention is delivered as a fresh `app_mention` for the old post.
  if (event.edited !== undefined && event.edited !== null) return 'edit';
  return undefined;
}
